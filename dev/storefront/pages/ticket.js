import { ask, placeOrder, Refused } from './api.js';
import { everyTick, left, millisecondsLeft } from './countdown.js';
import { byId, notice, say, show } from './dom.js';
import { holdEnd } from './hold-ends.js';
import { keepFresh, refreshSoon } from './keep-fresh.js';
import { ownHolds, price, standingOf, withHoldersEnd } from './market.js';
import { currentBuyer, startSession } from './session.js';

const id = location.pathname.split('/').at(-1) ?? '';
/** @type {import('./market.js').ShownTicket | undefined} */
let ticket;
/** @type {import('./market.js').OwnOrder | undefined} */
let own;
/** What the orders service has told a refused buyer, while the news of it is on its way. @type {{endsAt?: number, orderId: string | null} | undefined} */
let refusal;
let ordering = false;

async function refresh() {
  const [{ body }, holds] = await Promise.all([ask('GET', `/api/tickets/${id}`), ownHolds()]);
  ticket = withHoldersEnd(body);
  own = holds.get(id);
  if (refusal && refusal.orderId !== body.orderId) refusal = undefined;
  render();
}

function standing() {
  if (!ticket) return undefined;
  const known = standingOf(ticket, own);
  if (!refusal || known.state !== 'free') return known;
  if (refusal.endsAt === undefined) return { state: 'sold' };
  return millisecondsLeft(refusal.endsAt) > 0 ? { state: 'held', until: refusal.endsAt } : known;
}

const texts = {
  free: {
    badge: 'Free',
    headline: 'This ticket is free',
    text: 'Purchase it, and it is held for you alone while you pay.',
  },
  held: {
    badge: 'Held',
    headline: 'Somebody else holds this ticket',
    text: 'Unless they pay, it is free again soon. Stay here: the button comes back by itself.',
  },
  sold: {
    badge: 'Sold',
    headline: 'This ticket is sold',
    text: 'Somebody else has paid for it. There are others.',
  },
  yours: {
    badge: 'Yours',
    headline: 'You hold this ticket',
    text: 'Pay for it in your order before the time is over.',
  },
};

function render() {
  const now = standing();
  if (!ticket || !now) return;
  const state = /** @type {keyof typeof texts} */ (now.state);
  const { badge, headline, text } = texts[state];
  const paid = own?.status === 'paid';
  byId('sheet').hidden = false;
  byId('sheet').dataset['state'] = byId('badge').dataset['state'] = state;
  document.title = `${ticket.title} · Box office`;
  say(byId('title'), ticket.title);
  say(byId('price'), price(ticket.price));
  say(byId('badge'), badge);
  say(byId('headline'), paid ? 'This ticket is yours' : headline);
  say(byId('explanation'), explanation(state, paid ? 'You have paid for it.' : text));
  if (now.until !== undefined) say(byId('wait-time'), left(now.until));
  const onward = /** @type {HTMLAnchorElement} */ (byId('onward'));
  onward.href = own ? `/orders/${own.id}` : '/';
  say(onward, own ? 'Go to your order' : 'See the other tickets');
  const free = state === 'free';
  show(
    {
      wait: state === 'held',
      purchase: free && currentBuyer() !== null,
      onward: state === 'yours' || state === 'sold',
    },
    byId('standing'),
  );
}

/** @param {string} state @param {string} text */
function explanation(state, text) {
  return state === 'free' && !currentBuyer() ? 'Choose who you are, at the top, to purchase it.' : text;
}

async function purchase() {
  if (ordering || !ticket) return;
  ordering = true;
  byId('purchase').setAttribute('aria-busy', 'true');
  try {
    const order = await placeOrder(id);
    location.assign(`/orders/${order.id}`);
  } catch (error) {
    refused(error);
  } finally {
    ordering = false;
    byId('purchase').removeAttribute('aria-busy');
  }
}

/** @param {unknown} error */
function refused(error) {
  const problem = error instanceof Refused ? error.problem : undefined;
  if (problem?.orderId) location.assign(`/orders/${problem.orderId}`);
  else if (problem?.code === 'ticket_reserved' || problem?.code === 'ticket_sold') {
    const seconds = error instanceof Refused ? error.retryAfterSeconds : undefined;
    refusal = {
      orderId: ticket?.orderId ?? null,
      ...(seconds ? { endsAt: holdEnd(`${id} refused`, seconds) } : {}),
    };
    render();
    refreshSoon();
  } else notice(error);
}

byId('purchase').addEventListener('click', purchase);
await startSession(refreshSoon).catch(notice);
keepFresh(refresh);
everyTick(render);
