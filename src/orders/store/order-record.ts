import type { EveryField } from '../../platform/schemas/every-field.ts';
import type { ListedOrder, Order } from '../domain/order.ts';
import type { OrderRecord } from './order-model.ts';

/** Converts a stored document to an order. A missing field does not compile here, also an optional one. */

/** The fields that lists do not read: they are the larger part of a document. */
export const unlistedFields = { payments: 0, history: 0, extensions: 0, outbox: 0 } as const;

/** The order in a stored document, as lists show it. */
export function toListedOrder(record: Omit<OrderRecord, keyof typeof unlistedFields>): ListedOrder {
  return {
    id: record._id.toHexString(),
    userId: record.userId,
    status: record.status,
    version: record.version,
    createdAt: record.createdAt,
    expiresAt: record.expiresAt,
    ticketId: record.ticketId.toHexString(),
    ticket: record.ticket,
  } satisfies EveryField<ListedOrder>;
}

/** The order in a stored document. */
export function toOrder(record: OrderRecord): Order {
  const { payments, history, extensions = [] } = record;
  const past = { payments, history, extensions } satisfies EveryField<Omit<Order, keyof ListedOrder>>;
  return { ...toListedOrder(record), ...past };
}

/** An order that was read, or the id and the problem of one that cannot be, so that a pass over many orders can continue. */
export type ReadOrder = { id: string; order: Order } | { id: string; problem: unknown };

/** The order in a stored document, or why it cannot be read. Never throws. */
export function readOrder(record: OrderRecord): ReadOrder {
  const id = String(record._id);
  try {
    return { id, order: toOrder(record) };
  } catch (problem) {
    return { id, problem };
  }
}
