import mongoose from 'mongoose';
import { streamDocuments } from '../../platform/mongo/stream-documents.ts';
import type { PastOrder } from '../domain/rebuild-events.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { toOrder } from './order-record.ts';

/** An order with its past. `read` throws when the stored document cannot be read. */
export interface StoredPast {
  id: string;
  read: () => PastOrder;
}

/** The reads of what has happened to orders, for operators' commands. */
export function createPastOrderStore(orders: OrderModel) {
  return {
    /**
     * Orders with a change or a payment since then, or one of them; and those of which nobody can tell. Reads all orders:
     * for an operator's command.
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
