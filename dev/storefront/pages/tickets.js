import { request } from './api.js';
import { refreshSoon, startAutoRefresh } from './auto-refresh.js';
import { availabilityOf, ownHolds, price, withHoldEnd } from './availability.js';
import { everyTick, left } from './countdown.js';
import { byId, make, notice, say } from './dom.js';
import { startSession } from './session.js';

/** @typedef {import('./availability.js').Ticket} Ticket */

const words = { free: 'Free', held: 'Held', taken: 'Taken', sold: 'Sold', yours: 'Yours' };

/** @type {Map<string, ReturnType<typeof card>>} */
const cards = new Map();

/** The card of a ticket. It stays the same element, so that an update does not take the focus away. @param {Ticket} ticket */
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
  let shown = withHoldEnd(ticket);
  /** @type {import('./availability.js').OwnOrder | undefined} */
  let own;

  function tick() {
    const { state, until } = availabilityOf(shown, own);
    element.dataset['state'] = badge.dataset['state'] = state;
    say(badge, until !== undefined ? `${words[state]} · ${left(until)}` : words[state]);
  }

  return {
    element,
    tick,
    /** @param {Ticket} next @param {import('./availability.js').OwnOrder | undefined} order */
    update(next, order) {
      shown = withHoldEnd(next);
      own = order;
      say(cost, price(next.price));
      tick();
    },
  };
}

async function refresh() {
  const [{ body }, own] = await Promise.all([request('GET', '/api/tickets'), ownHolds()]);
  for (const ticket of /** @type {Ticket[]} */ (body)) {
    const known = cards.get(ticket.id) ?? card(ticket);
    if (!cards.has(ticket.id)) byId('tickets').append(known.element);
    cards.set(ticket.id, known);
    known.update(ticket, own.get(ticket.id));
  }
}

await startSession(refreshSoon).catch(notice);
startAutoRefresh(refresh);
everyTick(() => {
  for (const { tick } of cards.values()) tick();
});
