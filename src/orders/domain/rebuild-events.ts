import { buyingPaymentId } from './decide-payment.ts';
import { holdExtended } from './hold-extended-event.ts';
import { holdsTicket, type Order, type StatusChange } from './order.ts';
import { orderCancelled } from './order-cancelled-event.ts';
import { orderCreated } from './order-created-event.ts';
import { refundEventId } from './order-event.ts';
import type { OrderEvent } from './order-events.ts';
import { orderPaid } from './order-paid-event.ts';
import { askedRefund, refundAskedAt } from './refund.ts';
import { refundRequired } from './refund-required-event.ts';

/** An order, and the ids of its events that the broker has not acknowledged yet. */
export interface PastOrder {
  order: Order;
  pendingEventIds: string[];
}

/** A time: its first moment, and the first moment after it. */
export interface TimeRange {
  since: Date;
  until: Date;
}

/** All time: no date is later. */
export const ever: TimeRange = { since: new Date(0), until: new Date(8.64e15) };

/**
 * Makes the events of an order within a time again, to be sent again: all that it has had, without those that are still in the
 * outbox, since the relay sends them, and without refunds that are completed: a payments service that has lost the event would
 * give the money back once more. All have the ids of the first time, so consumers that remember ids drop what they have, and
 * all are `replayed`.
 *
 * @throws when the order is paid, but by no payment
 */
export function rebuildEvents({ order, pendingEventIds }: PastOrder, range: TimeRange): OrderEvent[] {
  const completed = order.payments.filter(({ refundCompletedAt }) => refundCompletedAt);
  const leftOut = new Set([...pendingEventIds, ...completed.map(({ id }) => refundEventId(order.id, id))]);
  return eventsWithin(order, range)
    .filter(({ eventId }) => !leftOut.has(eventId))
    .map((event) => ({ ...event, data: { ...event.data, replayed: true } }) as OrderEvent);
}

/**
 * Every event that an order has had within a time, as it was the first time: the changes of its history in version order, the
 * extensions of its hold between the first and the second, then the refunds.
 *
 * @throws when the order is paid, but by no payment
 */
export function eventsWithin(order: Order, { since, until }: TimeRange): OrderEvent[] {
  // The times are of several clocks: a change counts as no earlier than the changes before it. So a time that is cut in
  // two has each change in one half.
  const steps = stepsOf(order);
  const indexAt = (time: Date) => {
    const index = steps.findIndex(({ at }) => at >= time);
    return index < 0 ? steps.length : index;
  };
  const changes = steps.slice(indexAt(since), indexAt(until)).map(({ makeEvent }) => makeEvent());
  const refunds = order.payments.flatMap((payment) => {
    const [reason, at] = [askedRefund(payment), refundAskedAt(payment)];
    const isWithin = at >= since && at < until;
    return reason && isWithin ? [refundRequired(order, { payment, reason }, { now: at })] : [];
  });
  return [...changes, ...refunds];
}

/** Whether the order has let its ticket go at some time, so that there is an `order:cancelled` of it. */
export function hasReleasedTicket({ history }: Order): boolean {
  return history.some(({ status }) => !holdsTicket(status));
}

/** What has happened to an order, refunds aside. A hold is extended while the order is pending, so before all other changes. */
function stepsOf(order: Order): { at: Date; makeEvent: () => OrderEvent }[] {
  const { history, extensions } = order;
  const changes = history.map((change) => ({ at: change.at, makeEvent: () => eventOf(order, change) }));
  const extended = extensions.map((extension) => ({
    at: extension.at,
    makeEvent: () => holdExtended(order, extension, { now: extension.at }),
  }));
  return [...changes.slice(0, 1), ...extended, ...changes.slice(1)];
}

function eventOf(order: Order, { status, version, at }: StatusChange): OrderEvent {
  const context = { now: at };
  switch (status) {
    case 'pending':
      // With the end that the hold had then.
      return orderCreated({ ...order, expiresAt: order.extensions[0]?.from ?? order.expiresAt }, context);
    case 'cancelled':
    case 'expired':
      return orderCancelled(order, { status, version }, context);
    case 'paid': {
      const id = buyingPaymentId(order);
      if (id === undefined) throw new Error(`order ${order.id} is paid, but by no payment`);
      return orderPaid(order, { version, payment: { id } }, context);
    }
  }
}
