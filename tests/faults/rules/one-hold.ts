import type { StoredOrder } from '../history/history.ts';
import { firstSights, milliseconds, orderEvents } from '../history/order-events.ts';
import type { Rule } from './rule.ts';

interface Hold {
  orderId: string;
  ticketId: string;
  from: number;
  to: number;
}

/**
 * At no time do two orders hold a ticket.
 *
 * The times in an order's history are read just before the write, which a frozen process may send much later. So a
 * hold is certain only from the first proof of it (an answer or the event) until the time at which its end was decided.
 */
export const oneHoldAtATime: Rule = (history) => {
  const seen = firstSights(orderEvents(history));
  const shown = new Map<string, number>();
  for (const { shown: order, answeredAt } of history.answers) {
    if (order) shown.set(order.id, Math.min(answeredAt, shown.get(order.id) ?? answeredAt));
  }
  const proofOf = (order: StoredOrder, version: number): number => {
    const event = seen.get(`${order.id}:${version}`);
    const seenAt = event ? milliseconds(event.timestamp) : Number.POSITIVE_INFINITY;
    return version === 0 ? Math.min(seenAt, shown.get(order.id) ?? seenAt) : seenAt;
  };
  const holds = history.orders.flatMap((order) => holdsOf(order, (version) => proofOf(order, version)));
  return [...overlaps(holds), ...heldTwiceAtTheEnd(history.orders)];
};

function holdsOf(order: StoredOrder, proof: (version: number) => number): Hold[] {
  const { id: orderId, ticketId } = order;
  const holds: Hold[] = [];
  let open: Hold | undefined;
  for (const { status, version, at } of order.history) {
    const holding = status === 'pending' || status === 'paid';
    if (holding && !open) open = { orderId, ticketId, from: proof(version), to: Number.POSITIVE_INFINITY };
    if (holding || !open) continue;
    holds.push({ ...open, to: at });
    open = undefined;
  }
  return (open ? [...holds, open] : holds).filter(({ from, to }) => from < to);
}

function overlaps(holds: Hold[]): string[] {
  const found: string[] = [];
  const last = new Map<string, Hold>();
  for (const hold of holds.sort((a, b) => a.from - b.from)) {
    const before = last.get(hold.ticketId);
    if (before && hold.from < before.to) {
      const overlap = Math.min(before.to, hold.to) - hold.from;
      const howLong = Number.isFinite(overlap) ? `for ${overlap} ms` : 'to the end';
      found.push(
        `ticket ${hold.ticketId} is held by ${before.orderId} and ${hold.orderId} at once, ${howLong}`,
      );
    }
    if (!before || hold.to > before.to) last.set(hold.ticketId, hold);
  }
  return found;
}

function heldTwiceAtTheEnd(orders: StoredOrder[]): string[] {
  const holdingOrder = new Map<string, string>();
  return orders
    .filter(({ holdsTicket }) => holdsTicket)
    .flatMap(({ id, ticketId }) => {
      const other = holdingOrder.get(ticketId);
      holdingOrder.set(ticketId, id);
      return other ? [`ticket ${ticketId} is stored as held by ${other} and ${id}`] : [];
    });
}
