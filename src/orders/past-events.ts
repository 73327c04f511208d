import type { OutgoingEvent } from '../messaging/contracts.ts';
import type { Order, StatusChange } from './order.ts';
import { cancelledEvent, createdEvent, paidEvent, refundEvent } from './order-events.ts';

/**
 * The events that an order has caused since a moment, made again from its history, oldest first. They have the
 * ids of the first time, so consumers that remember ids drop what they have, and say that they are `replayed`.
 */
export function pastEvents(order: Order, since: Date): OutgoingEvent[] {
  const changes = order.history.map((change) => ({ at: change.at, event: eventOf(order, change) }));
  const refunds = order.payments.flatMap((payment) =>
    payment.refund ? [{ at: payment.at, event: refundEvent(order, payment, payment.refund) }] : [],
  );
  return [...changes, ...refunds]
    .filter(({ at }) => at >= since)
    .sort((one, other) => one.at.getTime() - other.at.getTime())
    .map(({ event }) => ({ ...event, data: { ...event.data, replayed: true } }) as OutgoingEvent);
}

function eventOf(order: Order, { status, version }: StatusChange): OutgoingEvent {
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
