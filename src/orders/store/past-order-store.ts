import mongoose from 'mongoose';
import type { PastOrder, TimeRange } from '../domain/rebuild-events.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { toOrder } from './order-record.ts';
import { ordersInPages } from './orders-in-pages.ts';

/** An order with its past. `read` throws when the stored document cannot be read, or is gone. */
export interface StoredPast {
  id: string;
  read: () => PastOrder;
}

/** The reads of orders with their history, for operators' commands. */
export function createPastOrderStore(orders: OrderModel) {
  return {
    /**
     * Orders with a change, an extension or a payment within that time, and those of which nobody can tell, as a page of them was read.
     * Reads all orders: for an operator's command.
     */
    async *changedWithin({ since, until }: TimeRange): AsyncGenerator<StoredPast> {
      const within = { $elemMatch: { at: { $gte: since, $lt: until } } };
      const unreadable = { history: { $not: { $type: 'array' as const } } };
      const wanted = [{ history: within }, { extensions: within }, { payments: within }, unreadable];
      for await (const record of ordersInPages(orders, { $or: wanted })) yield toStoredPast(record);
    },

    /** One order with its past, as it is now. */
    async findPast(id: string): Promise<StoredPast> {
      const record = await orders.findOne({ _id: new mongoose.Types.ObjectId(id) }).lean<OrderRecord>();
      if (record) return toStoredPast(record);
      const read = () => {
        throw new Error('there is no such order');
      };
      return { id, read };
    },
  };
}

export type PastOrderStore = ReturnType<typeof createPastOrderStore>;

function toStoredPast(record: OrderRecord): StoredPast {
  const read = () => ({
    order: toOrder(record),
    pendingEventIds: record.outbox.map(({ eventId }) => eventId),
  });
  return { id: String(record._id), read };
}
