import { byId, make } from './dom.js';

/** @typedef {import('./order-summary.js').OrderDetail} OrderDetail */

const words = /** @type {Record<string, string>} */ ({
  pending: 'Placed',
  paid: 'Paid',
  cancelled: 'Cancelled',
  expired: 'Expired',
});

/** Shows what has happened to an order and to the money for it, oldest first. @param {OrderDetail} order */
export function renderHistory({ history, payments }) {
  const entries = [
    ...history.map(({ status, at }) => ({ text: words[status] ?? status, at })),
    ...payments.flatMap(({ refund }) => refundEntries(refund)),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const list = byId('history');
  if (list.children.length === entries.length) return;
  list.replaceChildren(
    ...entries.map(({ text, at }) => {
      const time = make('time', { datetime: at, class: 'meta' }, new Date(at).toLocaleTimeString());
      return make('li', {}, text, ' ', time);
    }),
  );
}

/** @param {import('./order-summary.js').Refund} [refund] */
function refundEntries(refund) {
  return [
    ...(refund?.dueAt ? [{ text: 'Refund begun', at: refund.dueAt }] : []),
    ...(refund?.completedAt ? [{ text: 'Money given back', at: refund.completedAt }] : []),
  ];
}
