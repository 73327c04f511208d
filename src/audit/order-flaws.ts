import { nextStatuses, type StatusChange } from '../orders/domain/order.ts';
import { changeEventId, extensionEventId, refundEventId } from '../orders/domain/order-event.ts';
import { askedRefund } from '../orders/domain/refund.ts';
import type { OrderRecord } from '../orders/store/order-model.ts';
import { toOrder } from '../orders/store/order-record.ts';

/** The parts of a stored order that do not fit together. Each returns undefined where they do. */

/** What in the history of an order cannot be, in words. */
export function historyFlaw({ history, version, status }: OrderRecord): string | undefined {
  if (history.length !== version + 1)
    return `version ${version} with ${history.length} changes in its history`;
  if (history.some((change, index) => change.version !== index))
    return 'the versions in its history have a gap';
  if (history[0]?.status !== 'pending') return 'its history does not begin with pending';
  const forbidden = history.find((change, index) => {
    const before = history[index - 1];
    return before !== undefined && !mayFollow(before, change);
  });
  if (forbidden) return `its history has a change to ${forbidden.status} that is not allowed`;
  return history.at(-1)?.status === status ? undefined : `its history ends with ${history.at(-1)?.status}`;
}

function mayFollow(before: StatusChange, { status, cause }: StatusChange): boolean {
  // No buyer ends a paid order.
  const isWayOut = before.status !== 'paid' || cause === 'refund' || cause === 'operator';
  return nextStatuses[before.status].includes(status) && isWayOut;
}

/** Where the extensions of an order do not lead to the end of its hold, in words. */
export function extensionFlaw({ expiresAt, extensions = [] }: OrderRecord): string | undefined {
  let end = extensions[0]?.from ?? expiresAt;
  for (const [index, { n, from, to }] of extensions.entries()) {
    if (n !== index + 1) return `extension ${index + 1} of its hold has the number ${n}`;
    if (from.getTime() !== end.getTime())
      return `extension ${n} of its hold does not begin where the hold ended`;
    if (to <= from) return `extension ${n} of its hold adds no time`;
    end = to;
  }
  if (end.getTime() === expiresAt.getTime()) return undefined;
  return `its hold was extended until ${end.toISOString()}, and ends at ${expiresAt.toISOString()}`;
}

/** Events that do not match the history or are in the wrong order, or an outbox that no sweep finds, in words. */
export function outboxFlaw(order: OrderRecord): string | undefined {
  const { ordered, refunds } = eventIdsOf(order);
  const waiting = order.outbox.map(({ eventId }) => eventId);
  const unknown = waiting.find((eventId) => !ordered.includes(eventId) && !refunds.includes(eventId));
  if (unknown) return `${unknown} waits in the outbox, but nothing of the kind has happened`;
  const positions = waiting.map((eventId) => ordered.indexOf(eventId)).filter((position) => position >= 0);
  if (positions.some((position, index) => position <= (positions[index - 1] ?? -1))) {
    return 'the events in the outbox are out of order';
  }
  if (order.outbox.length > 0 && !order.relayDueAt) return 'events wait in an outbox that no sweep looks at';
  return undefined;
}

/** The ids of all events that the order can have: those that leave in this order, and those of its refunds. */
function eventIdsOf(record: OrderRecord): { ordered: string[]; refunds: string[] } {
  const { id, history, extensions, payments } = toOrder(record);
  const [created, ...later] = history.map(({ version }) => changeEventId(id, version));
  const extended = extensions.map(({ n }) => extensionEventId(id, n));
  return {
    ordered: [...(created === undefined ? [] : [created]), ...extended, ...later],
    refunds: payments.flatMap((payment) => (askedRefund(payment) ? [refundEventId(id, payment.id)] : [])),
  };
}
