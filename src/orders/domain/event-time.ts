import type { Order } from './order.ts';
import { changeEventId, refundEventId } from './order-event.ts';
import { refundAskedAt } from './refund.ts';

/** An event as it is stored in an outbox. Releases up to 0.2.0 stored no time with it. */
interface OutboxEntry {
  eventId: string;
  at?: Date;
}

type Past = Pick<Order, 'id' | 'history' | 'payments'>;

/** When an event in an order's outbox happened; undefined when it does not match the order's history. */
export function eventTime(entry: OutboxEntry, order: Past): Date | undefined {
  return entry.at instanceof Date ? entry.at : timeInPast(entry, order);
}

/** For entries of releases up to 0.2.0. It can go once those releases can no longer run beside this one. */
function timeInPast({ eventId }: OutboxEntry, { id, history, payments }: Past): Date | undefined {
  const change = history.find(({ version }) => changeEventId(id, version) === eventId);
  if (change) return change.at;
  const payment = payments.find((one) => refundEventId(id, one.id) === eventId);
  return payment && refundAskedAt(payment);
}
