import mongoose from 'mongoose';
import { streamDocuments } from '../../platform/mongo/stream-documents.ts';
import type { PastOrder } from '../domain/rebuild-events.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { toOrder } from './order-record.ts';

/** A stored order. `read` throws when the document cannot be read. */
export interface StoredPast {
  id: string;
  read: () => PastOrder;
}

/** The reads of orders with their history, for operators' commands. */
export function createPastOrderStore(orders: OrderModel) {
  return {
    /**
     * Orders with a change or a payment since then, and those whose history cannot be read; or one of them, by its id. Reads
     * all orders.
     */
    async *changedSince(since: Date, orderId?: string): AsyncGenerator<StoredPast> {
      const changed = [{ 'history.at': { $gte: since } }, { 'payments.at': { $gte: since } }];
      const unreadable = { history: { $not: { $type: 'array' as const } } };
      const _id = orderId === undefined ? {} : { _id: new mongoose.Types.ObjectId(orderId) };
      const query = orders.find({ $or: [...changed, unreadable], ..._id }).lean<OrderRecord[]>();
      for await (const record of streamDocuments(query)) {
        yield { id: String(record._id), read: () => toPast(record) };
      }
    },
  };
}

function toPast(record: OrderRecord): PastOrder {
  return { order: toOrder(record), pendingEventIds: record.outbox.map(({ eventId }) => eventId) };
}
