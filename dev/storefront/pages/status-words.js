/** @typedef {import('./availability.js').Status} Status */

/** The service says so beside the peers of a classic marketplace. @type {Record<string, Status>} */
const classicWords = { created: 'pending', complete: 'paid' };

/**
 * An order with its statuses in our words, whatever the service calls them (`STATUS_NAMES`). Where a hold that has run out is
 * called `cancelled`, too, the cause in the history tells it from one that its buyer has ended.
 *
 * @template {{status: string, history?: {status: string, cause?: string}[]}} Kind
 * @param {Kind} order
 * @returns {Kind}
 */
export function inOwnWords(order) {
  const history = order.history?.map((change) => ({ ...change, status: ownWord(change) }));
  const status = history?.at(-1)?.status ?? ownWord(order);
  return { ...order, status, ...(history && { history }) };
}

/** @param {{status: string, cause?: string}} change */
function ownWord({ status, cause }) {
  if (status === 'cancelled' && (cause === 'expiry' || cause === 'takeover')) return 'expired';
  return classicWords[status] ?? status;
}
