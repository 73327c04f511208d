import { refundEventId } from './order-event.ts';
import type { OrderEvent } from './order-events.ts';
import { ever, type PastOrder, rebuildEvents } from './rebuild-events.ts';
import { isRefundOpen } from './refund.ts';

/** Which open refunds are meant: those since a time, or also those of 0.1, which stored no time. */
export interface OpenRefundRange {
  since?: Date;
  undated: 'with' | 'without';
}

/** Whether a payment is still to be given back, and meant. */
export function isOpenWithin(
  { since = new Date(0), undated }: OpenRefundRange,
  payment: Parameters<typeof isRefundOpen>[0],
): boolean {
  const { refundDueAt } = payment;
  return isRefundOpen(payment) && (refundDueAt ? refundDueAt >= since : undated === 'with');
}

/**
 * The events of an order's open refunds once more, with the ids of the first time. Those that are still in the outbox are left to the
 * relay.
 */
export function refundReminders(past: PastOrder, range: OpenRefundRange): OrderEvent[] {
  const { order } = past;
  const open = order.payments.filter((payment) => isOpenWithin(range, payment));
  const eventIds = new Set(open.map(({ id }) => refundEventId(order.id, id)));
  return rebuildEvents(past, ever).filter(({ eventId }) => eventIds.has(eventId));
}
