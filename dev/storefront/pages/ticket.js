import { HttpError, placeOrder, request } from './api.js';
import { refreshSoon, startAutoRefresh } from './auto-refresh.js';
import { availabilityOf, ownHolds, price, withHoldEnd } from './availability.js';
import { everyTick, left, millisecondsLeft } from './countdown.js';
import { byId, notice, say, show } from './dom.js';
import { holdEnd } from './hold-end.js';
import { isLetGo } from './let-go.js';
import { currentBuyer, startSession } from './session.js';

const id = location.pathname.split('/').at(-1) ?? '';
/** @type {import('./availability.js').ShownTicket | undefined} */
let ticket;
/** @type {import('./availability.js').OwnOrder | undefined} */
let own;
/** What the orders service answered to a refused purchase, until the tickets service shows the same. @type {{endsAt?: number, orderId: string | null} | undefined} */
let refusal;
/** When this buyer, who has let the ticket go, may hold it again. @type {number | undefined} */
let cooldownEndsAt;
/** The orders service does not sell it, or not yet, whatever the tickets service says. */
let isNotForSale = false;
let ordering = false;

async function refresh() {
  const [{ body }, holds] = await Promise.all([request('GET', `/api/tickets/${id}`), ownHolds()]);
  ticket = withHoldEnd(body);
  own = holds.get(id);
  if (refusal && refusal.orderId !== body.orderId) refusal = undefined;
  render();
}

function availability() {
  if (!ticket) return undefined;
  const known = availabilityOf(ticket, own);
  if (known.state === 'free' && cooldownEndsAt !== undefined && millisecondsLeft(cooldownEndsAt) > 0)
    return { state: 'cooldown', until: cooldownEndsAt };
  if (known.state !== 'free' && known.state !== 'taken') return known;
  if (isNotForSale) return { state: 'withdrawn' };
  if (!refusal) return known;
  if (refusal.endsAt === undefined) return { state: 'sold' };
  if (millisecondsLeft(refusal.endsAt) <= 0) return known;
  return { state: known.state === 'free' && isLetGo(id) ? 'soon' : 'held', until: refusal.endsAt };
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
  soon: {
    badge: 'Soon free',
    headline: 'This ticket is free again in a moment',
    text: 'Nobody holds it any more, and the others are being told. Stay here: the button comes back by itself.',
  },
  cooldown: {
    badge: 'For others',
    headline: 'Others first, for a while',
    text: 'You let this ticket go, or its time ran out, so it is for others now. Stay here: the button comes back by itself. Other tickets you can purchase at once.',
  },
  taken: {
    badge: 'Taken',
    headline: 'This ticket is taken',
    text: 'Somebody holds it, or has paid for it. Try to purchase it, and you learn when it may be free.',
  },
  sold: {
    badge: 'Sold',
    headline: 'This ticket is sold',
    text: 'Somebody else has paid for it. There are others.',
  },
  withdrawn: {
    badge: 'Not for sale',
    headline: 'This ticket is not for sale',
    text: 'Nobody can buy it at present. You have ordered nothing, and there is nothing to pay. There are others.',
  },
  yours: {
    badge: 'Yours',
    headline: 'You hold this ticket',
    text: 'Pay for it in your order before the time is over.',
  },
};

/** Of waits that are not for the end of a hold. @type {Record<string, string>} */
const waitLabels = { soon: 'Available in about', cooldown: 'You can purchase it again in' };

function render() {
  const now = availability();
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
  say(byId('wait-label'), waitLabels[state] ?? 'Free in');
  byId('wait-limit').hidden = state in waitLabels;
  const onward = /** @type {HTMLAnchorElement} */ (byId('onward'));
  onward.href = own ? `/orders/${own.id}` : '/';
  say(onward, own ? 'Go to your order' : 'See the other tickets');
  const canAsk = state === 'free' || state === 'taken';
  show(
    {
      wait: state === 'held' || state in waitLabels,
      purchase: canAsk && currentBuyer() !== null,
      onward: ['yours', 'sold', 'cooldown', 'withdrawn'].includes(state),
    },
    byId('standing'),
  );
}

/** @param {string} state @param {string} text */
function explanation(state, text) {
  return (state === 'free' || state === 'taken') && !currentBuyer()
    ? 'Choose who you are, at the top, to purchase it.'
    : text;
}

async function purchase() {
  if (ordering || !ticket) return;
  ordering = true;
  notice('');
  byId('purchase').setAttribute('aria-busy', 'true');
  try {
    const order = await placeOrder(id);
    location.assign(`/orders/${order.id}`);
  } catch (error) {
    showRefusal(error);
  } finally {
    ordering = false;
    byId('purchase').removeAttribute('aria-busy');
  }
}

/** @param {unknown} error */
function showRefusal(error) {
  const problem = error instanceof HttpError ? error.problem : undefined;
  const seconds = error instanceof HttpError ? error.retryAfterSeconds : undefined;
  if (problem?.orderId) location.assign(`/orders/${problem.orderId}`);
  else if (problem?.code === 'ticket_reserved' || problem?.code === 'ticket_sold') {
    refusal = {
      orderId: ticket?.orderId ?? null,
      ...(seconds ? { endsAt: holdEnd(`${id} refused`, seconds) } : {}),
    };
    render();
    refreshSoon();
  } else if (problem?.code === 'cooldown') {
    cooldownEndsAt = holdEnd(`${id} cooldown`, seconds ?? 1);
    render();
  } else if (problem?.code === 'ticket_not_found') {
    isNotForSale = true;
    render();
  } else notice(error);
}

byId('purchase').addEventListener('click', purchase);
await startSession(() => {
  // It is that of the buyer before.
  cooldownEndsAt = undefined;
  refreshSoon();
}).catch(notice);
startAutoRefresh(refresh);
everyTick(render);
