import type { ChangeContext } from './change-context.ts';
import { type ChangeCause, nextStatuses, type Order, type OrderStatus, type StatusChange } from './order.ts';
import { orderCancelled } from './order-cancelled-event.ts';
import type { OrderChange, ToldChange } from './order-change.ts';

/** What the transitions are made of. */

export type Release = { status: 'cancelled' | 'expired'; cause: ChangeCause; reason?: string };

/** The order lets its ticket go. */
export function releaseTicket(
  order: Order,
  { status, ...why }: Release,
  context: ChangeContext,
): ToldChange & { unset: NonNullable<OrderChange['unset']> } {
  const change = statusChange(order, status, why, context);
  return {
    expected: expectedOf(order),
    set: { status },
    unset: ['pendingSlot', 'holdsTicket'],
    push: { history: change },
    events: [orderCancelled(order, { status, version: change.version }, context)],
  };
}

export function expectedOf({ id, status, version }: Order): OrderChange['expected'] {
  return { id, status, version };
}

/** The entry of the history. @throws when the status must not follow that of the order */
export function statusChange(
  order: Order,
  to: OrderStatus,
  why: Pick<StatusChange, 'cause' | 'paymentId' | 'reason'>,
  { now }: ChangeContext,
): StatusChange {
  if (!nextStatuses[order.status].includes(to)) {
    throw new Error(`order ${order.id} is ${order.status} and cannot become ${to}`);
  }
  return { status: to, version: order.version + 1, at: now, ...why };
}
