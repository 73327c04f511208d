import mongoose from 'mongoose';
import type { PastOrder, TimeRange } from '../domain/rebuild-events.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { toOrder } from './order-record.ts';

const { ObjectId } = mongoose.Types;

/** How many orders are in memory at once. */
const pageSize = 100;

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
     * Reads all orders: for an operator's command. The caller may take hours: no cursor is open between two pages.
     */
    async *changedWithin({ since, until }: TimeRange): AsyncGenerator<StoredPast> {
      const within = { $elemMatch: { at: { $gte: since, $lt: until } } };
      const unreadable = { history: { $not: { $type: 'array' as const } } };
      const wanted = [{ history: within }, { extensions: within }, { payments: within }, unreadable];
      let last = new ObjectId('0'.repeat(24));
      for (let isLastPage = false; !isLastPage; ) {
        const query = orders.find({ $or: wanted, _id: { $gt: last } }).sort({ _id: 1 });
        const page = await query.limit(pageSize).lean<OrderRecord[]>();
        for (const record of page) yield toStoredPast(record);
        isLastPage = page.length < pageSize;
        last = page.at(-1)?._id ?? last;
      }
    },

    /** One order with its past, as it is now. */
    async findPast(id: string): Promise<StoredPast> {
      const record = await orders.findOne({ _id: new ObjectId(id) }).lean<OrderRecord>();
      if (record) return toStoredPast(record);
      const read = () => {
        throw new Error('there is no such order');
      };
      return { id, read };
    },
  };
}

function toStoredPast(record: OrderRecord): StoredPast {
  const read = () => ({
    order: toOrder(record),
    pendingEventIds: record.outbox.map(({ eventId }) => eventId),
  });
  return { id: String(record._id), read };
}
