import type { Order, StatusChange } from './order.ts';
import type { OrderEvent } from './order-event-schemas.ts';
import { cancelledEvent, createdEvent, paidEvent, refundEvent } from './order-events.ts';

/** An order, and the ids of its events that the broker has not acknowledged yet. */
export interface PastOrder {
  order: Order;
  waiting: string[];
}

/**
 * The events that an order has caused since a moment, made again from its history: the changes in version order, then
 * the refunds. Those that still wait in the outbox are left out, since the relay sends them. All have the ids of the
 * first time, so consumers that remember ids drop what they have, and say that they are `replayed`.
 */
export function rebuildEvents({ order, waiting }: PastOrder, since: Date): OrderEvent[] {
  // The times are of several clocks: what follows the first change since then belongs to it, whatever its time.
  const first = order.history.findIndex(({ at }) => at >= since);
  const changes = first < 0 ? [] : order.history.slice(first).map((change) => eventOf(order, change));
  const refunds = order.payments.flatMap((payment) =>
    payment.refund && payment.at >= since ? [refundEvent(order, payment, payment.refund)] : [],
  );
  return [...changes, ...refunds]
    .filter(({ eventId }) => !waiting.includes(eventId))
    .map((event) => ({ ...event, data: { ...event.data, replayed: true } }) as OrderEvent);
}

function eventOf(order: Order, { status, version }: StatusChange): OrderEvent {
  switch (status) {
    case 'pending':
      return createdEvent(order);
    case 'cancelled':
    case 'expired':
      return cancelledEvent(order, status, version);
    case 'paid': {
      const payment = order.payments.find(({ refund }) => refund === undefined);
      if (!payment) throw new Error(`order ${order.id} is paid, but by no payment`);
      return paidEvent(order, version, payment);
    }
  }
}
