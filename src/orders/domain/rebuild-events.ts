import type { Order, StatusChange } from './order.ts';
import { orderCancelled } from './order-cancelled-event.ts';
import { orderCreated } from './order-created-event.ts';
import type { OrderEvent } from './order-events.ts';
import { orderPaid } from './order-paid-event.ts';
import { refundRequired } from './refund-required-event.ts';

/** An order, and the ids of its events that the broker has not acknowledged yet. */
export interface PastOrder {
  order: Order;
  pendingEventIds: string[];
}

/**
 * Makes the events of an order since a time again, from its history: the changes in version order, then the refunds.
 * Events that are still in the outbox are left out, since the relay sends them. All have their first ids, so consumers can
 * drop those that they know, and all are marked as `replayed`.
 *
 * @throws when the order is paid, but by no payment
 */
export function rebuildEvents({ order, pendingEventIds }: PastOrder, since: Date): OrderEvent[] {
  // The clocks of processes differ. So all changes after the first one since then are included, also with an earlier time.
  const first = order.history.findIndex(({ at }) => at >= since);
  const changes = first < 0 ? [] : order.history.slice(first).map((change) => eventOf(order, change));
  const refunds = order.payments.flatMap((payment) => {
    const { refund: reason, at } = payment;
    return reason && at >= since ? [refundRequired(order, { payment, reason }, { now: at })] : [];
  });
  return [...changes, ...refunds]
    .filter(({ eventId }) => !pendingEventIds.includes(eventId))
    .map((event) => ({ ...event, data: { ...event.data, replayed: true } }) as OrderEvent);
}

function eventOf(order: Order, { status, version, at }: StatusChange): OrderEvent {
  const context = { now: at };
  switch (status) {
    case 'pending':
      return orderCreated(order, context);
    case 'cancelled':
    case 'expired':
      return orderCancelled(order, { status, version }, context);
    case 'paid': {
      const payment = order.payments.find(({ refund }) => refund === undefined);
      if (!payment) throw new Error(`order ${order.id} is paid, but by no payment`);
      return orderPaid(order, { version, payment }, context);
    }
  }
}
