import { HttpError, request } from './api.js';
import { refreshSoon, startAutoRefresh } from './auto-refresh.js';
import { price, withEnd } from './availability.js';
import { everyTick, inWords, left, millisecondsLeft, passedMark } from './countdown.js';
import { announce, byId, notice, say, show } from './dom.js';
import { renderHistory } from './order-history.js';
import { isPaymentOnItsWay, isRefundOpen, summarize } from './order-summary.js';
import { currentBuyer, startSession } from './session.js';

const id = location.pathname.split('/').at(-1) ?? '';
const pollMs = 1_000;
/** @type {(import('./order-summary.js').OrderDetail & import('./availability.js').OwnOrder) | undefined} */
let order;
/** @type {import('./order-summary.js').Payment} */
let payment = { state: 'none' };
let busy = false;
/** The service has not said that no time can be added. */
let canExtend = true;
let requestedAt = 0;
let leftBefore = 0;

async function refresh() {
  if (!currentBuyer()) throw new Error('Choose who you are, at the top, to see your order.');
  requestedAt = performance.now();
  const [orderResponse, paymentResponse] = await Promise.all([
    request('GET', `/api/orders/${id}`),
    request('GET', `/api/payments/${id}`),
  ]);
  order = withEnd(orderResponse.body);
  payment = paymentResponse.body;
  render();
}

function render() {
  if (!order) return;
  const remaining = millisecondsLeft(order.endsAt);
  const { badge, state, headline, text, next, shown } = summarize(order, payment, remaining, canExtend);
  byId('sheet').hidden = false;
  byId('badge').dataset['state'] = state;
  document.title = `${order.ticket.title} · Box office`;
  say(byId('title'), order.ticket.title);
  say(byId('price'), price(order.ticket.price));
  say(byId('badge'), badge);
  say(byId('headline'), headline);
  say(byId('explanation'), text);
  say(byId('remaining-time'), left(order.endsAt));
  const onward = /** @type {HTMLAnchorElement} */ (byId('onward'));
  onward.href = next.href;
  say(onward, next.label);
  show(shown, byId('standing'));
  renderHistory(order);
}

function tick() {
  if (!order) return;
  render();
  const now = millisecondsLeft(order.endsAt);
  const mark = order.status === 'pending' ? passedMark(leftBefore, now) : undefined;
  if (mark) announce(`${inWords(mark)} left`);
  leftBefore = now;
  // The end of a hold and a payment usually come as events, but not while the broker is away.
  const awaited = (order.status === 'pending' && now <= 0) || isPaymentOnItsWay(order, payment);
  // The orders service has no event that tells that money was given back.
  if ((awaited || isRefundOpen(order)) && performance.now() - requestedAt > pollMs) refreshSoon();
}

/** @param {() => Promise<unknown>} action */
async function run(action) {
  if (busy) return;
  busy = true;
  // What it says is about an earlier action.
  notice('');
  try {
    await action();
    refreshSoon();
  } catch (error) {
    // The page may show an old state of the order.
    await refresh().catch(() => undefined);
    notice(error);
  } finally {
    busy = false;
  }
}

async function pay() {
  payment = (await request('POST', '/api/payments', { body: { orderId: id } })).body;
  render();
}

async function cancel() {
  await request('PATCH', `/api/orders/${id}`, { body: { status: 'cancelled' } });
}

async function extend() {
  try {
    const { body } = await request('POST', `/api/orders/${id}/extension`);
    if (order) order = { ...order, ...withEnd(body) };
    render();
    if (order) announce(`You have ${inWords(Math.ceil(millisecondsLeft(order.endsAt) / 1_000))} left`);
  } catch (error) {
    if (!(error instanceof HttpError && error.problem?.code === 'extension_limit')) throw error;
    canExtend = false;
    render();
  }
}

byId('pay').addEventListener('click', () => run(pay));
byId('late').addEventListener('click', () => run(pay));
byId('extend').addEventListener('click', () => run(extend));
byId('cancel').addEventListener('click', () => run(cancel));
await startSession(() => {
  order = undefined;
  canExtend = true;
  byId('sheet').hidden = true;
  refreshSoon();
}).catch(notice);
startAutoRefresh(refresh);
everyTick(tick);
