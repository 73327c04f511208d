import { onFeedEvent } from './live-events.js';

const subjects = ['order:created', 'order:cancelled', 'order:paid'];
/** The orders that hold each ticket, as far as their events have come. @type {Map<string, Set<string>>} */
const holding = new Map();
/** An order's events may come in any order. @type {Set<string>} */
const ended = new Set();

onFeedEvent((event) => {
  if (event.kind === 'start') {
    holding.clear();
    ended.clear();
  }
  if (event.kind !== 'message' || !event.ticketId || !event.orderId || !subjects.includes(event.subject))
    return;
  const orders = holding.get(event.ticketId) ?? new Set();
  holding.set(event.ticketId, orders);
  if (event.subject === 'order:cancelled') {
    ended.add(event.orderId);
    orders.delete(event.orderId);
  } else if (event.subject === 'order:paid' || !ended.has(event.orderId)) orders.add(event.orderId);
});

/**
 * Whether all orders of a ticket have let it go. Beside peers that need time between two events the orders service keeps it
 * back for a while then.
 *
 * @param {string} ticketId
 */
export function isLetGo(ticketId) {
  return holding.get(ticketId)?.size === 0;
}
