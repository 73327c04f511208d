import { request } from './api.js';
import { refreshSoon, startAutoRefresh } from './auto-refresh.js';
import { price, withEnd } from './availability.js';
import { everyTick, left, millisecondsLeft } from './countdown.js';
import { byId, make, notice, say } from './dom.js';
import { currentBuyer, startSession } from './session.js';

/** @typedef {import('./availability.js').Order} Order */

const firstPage = '/api/orders?sort=-createdAt&limit=5';
const words = { pending: 'Awaiting payment', paid: 'Paid', cancelled: 'Cancelled', expired: 'Expired' };
const badges = { pending: 'held', paid: 'free', cancelled: 'sold', expired: 'sold' };
let pages = 1;
/** @type {number | undefined} */
let focusAt;
/** @type {import('./availability.js').OwnOrder[]} */
let orders = [];
/** @type {Map<string, HTMLElement>} */
const rows = new Map();

async function refresh() {
  const buyer = currentBuyer();
  /** @type {typeof orders} */
  let found = [];
  let next = buyer ? firstPage : undefined;
  for (let page = 0; next && page < pages; page += 1) {
    const { body, link } = await request('GET', next);
    found = found.concat(body.map(withEnd));
    next = /<([^>]+)>; *rel="next"/.exec(link ?? '')?.[1];
  }
  orders = found;
  byId('none').hidden = orders.length > 0;
  say(
    byId('none'),
    buyer ? 'None yet. Pick a ticket and press Purchase.' : 'Choose who you are, at the top.',
  );
  arrange(orders.map(rowOf));
  tick();
  focusNext();
  byId('older').hidden = next === undefined;
}

/** Puts the rows in order without removing those that are in position: one of them may have the focus. @param {HTMLElement[]} wanted */
function arrange(wanted) {
  const list = byId('orders');
  for (const row of [...list.children]) if (!wanted.includes(/** @type {HTMLElement} */ (row))) row.remove();
  wanted.forEach((row, index) => {
    const there = list.children[index];
    if (there !== row) list.insertBefore(row, there ?? null);
  });
}

/** After "Older orders": focuses the first of the new rows. */
function focusNext() {
  if (focusAt === undefined || orders.length <= focusAt) return;
  byId('orders').children[focusAt]?.querySelector('a')?.focus();
  focusAt = undefined;
}

/** @param {Order} order */
function rowOf(order) {
  const known = rows.get(order.id);
  if (known) return known;
  const placed = make('time', { datetime: order.createdAt }, new Date(order.createdAt).toLocaleString());
  const row = make(
    'li',
    { class: 'row' },
    make('h2', {}, make('a', { href: `/orders/${order.id}` }, order.ticket.title)),
    make('p', { class: 'meta' }, price(order.ticket.price), ' · ', placed),
    make('span', { class: 'badge' }),
  );
  rows.set(order.id, row);
  return row;
}

function tick() {
  for (const { id, status, endsAt } of orders) {
    const badge = rows.get(id)?.querySelector('.badge');
    if (!(badge instanceof HTMLElement)) continue;
    const counting = status === 'pending' && millisecondsLeft(endsAt) > 0;
    badge.dataset['state'] = badges[status];
    say(badge, counting ? `${words[status]} · ${left(endsAt)}` : words[status]);
  }
}

byId('older').addEventListener('click', () => {
  focusAt = orders.length;
  pages += 1;
  refreshSoon(0);
});
await startSession(() => {
  pages = 1;
  refreshSoon();
}).catch(notice);
startAutoRefresh(refresh);
everyTick(tick);
