import { ask } from './api.js';
import { everyTick, left } from './countdown.js';
import { byId, make, notice, say } from './dom.js';
import { keepFresh, refreshSoon } from './keep-fresh.js';
import { ownHolds, price, standingOf, withHoldersEnd } from './market.js';
import { startSession } from './session.js';

/** @typedef {import('./market.js').Ticket} Ticket */

const words = { free: 'Free', held: 'Held', sold: 'Sold', yours: 'Yours' };

/** @type {Map<string, ReturnType<typeof card>>} */
const cards = new Map();

/** One ticket's card, which stays the same element for good: a keyboard's focus is not lost by news. @param {Ticket} ticket */
function card(ticket) {
  const cost = make('p', { class: 'price' });
  const badge = make('span', { class: 'badge' });
  const link = make('a', { href: `/tickets/${ticket.id}` }, ticket.title);
  const element = make(
    'li',
    { class: 'card' },
    make('h2', {}, link),
    make('div', { class: 'stub perforated' }, cost, badge),
  );
  let shown = withHoldersEnd(ticket);
  /** @type {import('./market.js').OwnOrder | undefined} */
  let own;

  function tick() {
    const { state, until } = standingOf(shown, own);
    element.dataset['state'] = badge.dataset['state'] = state;
    say(badge, until !== undefined ? `${words[state]} · ${left(until)}` : words[state]);
  }

  return {
    element,
    tick,
    /** @param {Ticket} next @param {import('./market.js').OwnOrder | undefined} order */
    update(next, order) {
      shown = withHoldersEnd(next);
      own = order;
      say(cost, price(next.price));
      tick();
    },
  };
}

async function refresh() {
  const [{ body }, own] = await Promise.all([ask('GET', '/api/tickets'), ownHolds()]);
  for (const ticket of /** @type {Ticket[]} */ (body)) {
    const known = cards.get(ticket.id) ?? card(ticket);
    if (!cards.has(ticket.id)) byId('tickets').append(known.element);
    cards.set(ticket.id, known);
    known.update(ticket, own.get(ticket.id));
  }
}

await startSession(refreshSoon).catch(notice);
keepFresh(refresh);
everyTick(() => {
  for (const { tick } of cards.values()) tick();
});
