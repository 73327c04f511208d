import type { Connection } from 'mongoose';
import type { IndexedCollection, WantedIndex } from '../../platform/mongo/indexes.ts';
import { orderModel } from './order-model.ts';
import { keptHoldFilter } from './order-queries.ts';

/** Guarantees that only one order holds a ticket. */
export const holdIndex: WantedIndex = {
  name: 'one_holder_per_ticket',
  key: { ticketId: 1 },
  unique: true,
  partialFilterExpression: { holdsTicket: true },
};

/**
 * What is read while the service serves, other than by `_id`, has its index here: order-queries.ts for all but what is due
 * (outbox-store.ts, outbox-backlog-store.ts). Other operators' commands than `orders`, and the search for tickets with two
 * holders, read all orders.
 */
export const orderIndexes: readonly WantedIndex[] = [
  holdIndex,
  // The status at its end is no longer used. Another key would be a new index, and operators would have to drop this one.
  { name: 'own_orders_newest_first', key: { userId: 1, createdAt: -1, _id: -1, status: 1 } },
  // Serves lists of one status and, read backwards, the limit of pending orders. Two indexes would slow down every write.
  { name: 'own_orders_by_status', key: { userId: 1, status: 1, createdAt: -1, _id: -1 } },
  { name: 'holds_by_end', key: { expiresAt: 1 }, partialFilterExpression: { status: 'pending' } },
  { name: 'outboxes_by_due_time', key: { relayDueAt: 1 }, sparse: true },
  // For operators (`orders list`). No change of an order changes them: an index of statuses made changes half as dear again.
  { name: 'ticket_orders_newest_first', key: { ticketId: 1, createdAt: -1, _id: -1 } },
  { name: 'all_orders_newest_first', key: { createdAt: -1, _id: -1 } },
];

/** Has kept holds alone, by their end. Those without an end come first; `relayDueAt` shows which of them wait for their event. */
export const keptHoldsIndex: WantedIndex = {
  name: 'kept_holds_by_end',
  key: { keptUntil: 1, relayDueAt: 1 },
  partialFilterExpression: keptHoldFilter,
};

/**
 * Has the payments of orders that were ever asked to give one back: of these, the open ones first, by their time. Both fields
 * are of one payment, so a query by `$elemMatch` reads no others.
 */
export const openRefundsIndex: WantedIndex = {
  name: 'open_refunds_by_due_time',
  key: { 'payments.refundCompletedAt': 1, 'payments.refundDueAt': 1 },
  partialFilterExpression: { 'payments.refundDueAt': { $exists: true } },
};

/** Not by the ticket first: the read of the ticket's holder would be planned with it, too. */
export const cooldownIndex: WantedIndex = {
  name: 'own_orders_of_ticket',
  key: { userId: 1, ticketId: 1, createdAt: -1 },
};

/** The collection of the orders, with the indexes that do not depend on settings. */
export function orderCollection(connection: Connection): IndexedCollection {
  return { model: orderModel(connection), indexes: orderIndexes };
}

/** The index that only a limit of pending orders needs. Without a limit it does not exist and costs nothing. */
export const pendingLimitOf = ordersWithOnly({
  name: 'one_pending_order_per_slot',
  key: { userId: 1, pendingSlot: 1 },
  unique: true,
  partialFilterExpression: { pendingSlot: { $exists: true } },
});

/** The index that only a spacing of events needs. Without it no hold is kept, and the index costs nothing. */
export const keptHoldsOf = ordersWithOnly(keptHoldsIndex);

/** The index that only the count of overdue refunds needs. */
export const openRefundsOf = ordersWithOnly(openRefundsIndex);

/** The index that only a cooldown needs. */
export const cooldownIndexOf = ordersWithOnly(cooldownIndex);

/** The collection of the orders with one index, which depends on a setting. */
function ordersWithOnly(index: WantedIndex): (connection: Connection) => IndexedCollection {
  return (connection) => ({ model: orderModel(connection), indexes: [index] });
}
