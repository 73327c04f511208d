import { ask } from './api.js';
import { everyTick, left, millisecondsLeft, passedMark } from './countdown.js';
import { announce, byId, make, notice, say, show } from './dom.js';
import { keepFresh, refreshSoon } from './keep-fresh.js';
import { price, withEnd } from './market.js';
import { outlook } from './order-outlook.js';
import { currentBuyer, startSession } from './session.js';

const id = location.pathname.split('/').at(-1) ?? '';
const askAgainMs = 1_000;
/** @type {(import('./order-outlook.js').OrderDetail & import('./market.js').OwnOrder) | undefined} */
let order;
/** @type {import('./order-outlook.js').Payment} */
let payment = { state: 'none' };
let busy = false;
let askedAt = 0;
let leftBefore = 0;

async function refresh() {
  if (!currentBuyer()) throw new Error('Choose who you are, at the top, to see your order.');
  askedAt = performance.now();
  const [answer, paid] = await Promise.all([
    ask('GET', `/api/orders/${id}`),
    ask('GET', `/api/payments/${id}`),
  ]);
  order = withEnd(answer.body);
  payment = paid.body;
  render();
}

function render() {
  if (!order) return;
  const remaining = millisecondsLeft(order.endsAt);
  const { badge, state, headline, text, next, shown } = outlook(order, payment, remaining);
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
  renderHistory(order.history);
}

/** @param {{status: string, at: string}[]} history */
function renderHistory(history) {
  const list = byId('history');
  if (list.children.length === history.length) return;
  const words = /** @type {Record<string, string>} */ ({
    pending: 'Placed',
    paid: 'Paid',
    cancelled: 'Cancelled',
    expired: 'Expired',
  });
  list.replaceChildren(
    ...history.map(({ status, at }) =>
      make(
        'li',
        {},
        words[status] ?? status,
        ' ',
        make('time', { datetime: at, class: 'meta' }, new Date(at).toLocaleTimeString()),
      ),
    ),
  );
}

function tick() {
  if (!order) return;
  render();
  const now = millisecondsLeft(order.endsAt);
  const mark = order.status === 'pending' ? passedMark(leftBefore, now) : undefined;
  if (mark) announce(mark >= 60 ? `${mark / 60} minutes left` : `${mark} seconds left`);
  leftBefore = now;
  // The end of a hold and a payment are usually told; with the broker away they are not.
  const awaited = (order.status === 'pending' && now <= 0) || payment.state === 'sent';
  if (awaited && order.status !== 'paid' && performance.now() - askedAt > askAgainMs) refreshSoon();
}

/** @param {() => Promise<unknown>} action */
async function act(action) {
  if (busy) return;
  busy = true;
  try {
    await action();
    refreshSoon();
  } catch (error) {
    // A refusal means that the order is not what the page shows.
    await refresh().catch(() => undefined);
    notice(error);
  } finally {
    busy = false;
  }
}

async function pay() {
  payment = (await ask('POST', '/api/payments', { body: { orderId: id } })).body;
  render();
}

async function cancel() {
  await ask('PATCH', `/api/orders/${id}`, { body: { status: 'cancelled' } });
}

byId('pay').addEventListener('click', () => act(pay));
byId('late').addEventListener('click', () => act(pay));
byId('cancel').addEventListener('click', () => act(cancel));
await startSession(() => {
  order = undefined;
  byId('sheet').hidden = true;
  refreshSoon();
}).catch(notice);
keepFresh(refresh);
everyTick(tick);
