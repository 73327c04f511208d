import type { EveryField } from '../../platform/schemas/every-field.ts';
import type { ListedOrder, Order } from '../domain/order.ts';
import type { OrderRecord } from './order-model.ts';

/** What a stored document is as an order. The compiler asks here for every field of an order, also for an optional one. */

/** What a list does not read of its orders: their past, and what is still to be sent. That is the larger part of a document. */
export const unlistedFields = { payments: 0, history: 0, outbox: 0 } as const;

/** The order in a stored document, as lists have it. */
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
  const { payments, history } = record;
  const past = { payments, history } satisfies EveryField<Omit<Order, keyof ListedOrder>>;
  return { ...toListedOrder(record), ...past };
}

/** A stored order as a pass over many meets it: one that cannot be read is named, so that the pass gets past it. */
export type ReadOrder = { id: string; order: Order } | { id: string; problem: unknown };

/** The order in a stored document, or why there is none. Never throws. */
export function readOrder(record: OrderRecord): ReadOrder {
  const id = String(record._id);
  try {
    return { id, order: toOrder(record) };
  } catch (problem) {
    return { id, problem };
  }
}
