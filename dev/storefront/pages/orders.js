import { ask } from './api.js';
import { everyTick, left, millisecondsLeft } from './countdown.js';
import { byId, make, notice, say } from './dom.js';
import { keepFresh, refreshSoon } from './keep-fresh.js';
import { price } from './market.js';
import { currentBuyer, startSession } from './session.js';

/** @typedef {import('./market.js').Order} Order */

const firstPage = '/api/orders?limit=5';
const words = { pending: 'Awaiting payment', paid: 'Paid', cancelled: 'Cancelled', expired: 'Expired' };
const badges = { pending: 'held', paid: 'free', cancelled: 'sold', expired: 'sold' };
let pages = 1;
/** @type {Order[]} */
let orders = [];
/** @type {Map<string, HTMLElement>} */
const rows = new Map();

async function refresh() {
  orders = [];
  /** @type {string | undefined} */
  let next = currentBuyer() ? firstPage : undefined;
  for (let page = 0; next && page < pages; page += 1) {
    const { body, link } = await ask('GET', next);
    orders = orders.concat(body);
    next = /<([^>]+)>; *rel="next"/.exec(link ?? '')?.[1];
  }
  byId('older').hidden = next === undefined;
  byId('none').hidden = orders.length > 0;
  say(
    byId('none'),
    currentBuyer() ? 'None yet. Pick a ticket and press Purchase.' : 'Choose who you are, at the top.',
  );
  byId('orders').replaceChildren(...orders.map(rowOf));
  tick();
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
  for (const { id, status, expiresAt } of orders) {
    const badge = rows.get(id)?.querySelector('.badge');
    if (!(badge instanceof HTMLElement)) continue;
    const counting = status === 'pending' && millisecondsLeft(expiresAt) > 0;
    badge.dataset['state'] = badges[status];
    say(badge, counting ? `${words[status]} · ${left(expiresAt)}` : words[status]);
  }
}

async function showOlder() {
  const before = orders.length;
  pages += 1;
  await refresh();
  // On to the first of those that have come.
  byId('orders').children[before]?.querySelector('a')?.focus();
}

byId('older').addEventListener('click', () => showOlder().catch(notice));
await startSession(() => {
  pages = 1;
  refreshSoon();
}).catch(notice);
keepFresh(refresh);
everyTick(tick);
