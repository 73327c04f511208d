import mongoose from 'mongoose';
import { streamPages } from '../../platform/mongo/stream-documents.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { type OrderQuery, type OverdueRange, orderQueries } from './order-queries.ts';
import { type ReadOrder, readOrder } from './order-record.ts';

const { ObjectId } = mongoose.Types;

/** Read and changed together: one bulk (see batcher.ts), and little memory. */
const pageSize = 250;

/** The reads of overdue orders. */
export function createOverdueStore(orders: OrderModel) {
  const find = ({ filter, sort = {} }: OrderQuery) => orders.find(filter).sort(sort).lean<OrderRecord[]>();

  return {
    /**
     * Overdue orders in pages, latest end first: those whose hold time ended at `until` or before, and after `after` if it
     * is given. The cost depends only on the number of these orders.
     */
    async *findOverdue(range: OverdueRange): AsyncGenerator<ReadOrder[]> {
      const found = find(orderQueries.overdue(range));
      for await (const page of streamPages(found, pageSize)) yield page.map(readOrder);
    },

    /** Returns those of the orders that are overdue. Malformed ids are allowed. */
    async readOverdue(ids: string[], now: Date): Promise<ReadOrder[]> {
      // Not `find`, which would cast the ids.
      const found = await orders.aggregate<OrderRecord>([
        { $match: { _id: { $in: ids.flatMap(storedIds) }, status: 'pending', expiresAt: { $lte: now } } },
      ]);
      return found.map(readOrder);
    },

    /** When the hold time of the longest overdue order ended; undefined when no order is overdue. */
    async oldestOverdue(now: Date): Promise<Date | undefined> {
      const [oldest] = await find(orderQueries.oldestOverdue(now)).select({ expiresAt: 1 }).limit(1);
      return oldest?.expiresAt;
    },
  };
}

/** The ids under which a document may be stored that is named so. A hand-made one may have its id as text. */
function storedIds(id: string): (mongoose.Types.ObjectId | string)[] {
  return /^[0-9a-f]{24}$/.test(id) ? [new ObjectId(id), id] : [id];
}
