import mongoose from 'mongoose';
import { hasIndex } from '../../platform/mongo/indexes.ts';
import type { OpenRefundRange } from '../domain/refund-reminders.ts';
import { openRefundsIndex } from './order-indexes.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { orderQueries } from './order-queries.ts';
import { type ReadOrder, readOrder } from './order-record.ts';

const { ObjectId } = mongoose.Types;

/** Counting more takes time, and an operator learns no more from it. */
const maxCounted = 10_000;
/** The gauges wait no longer. */
const countWithinMs = 1_000;
/** How many orders are in memory at once. */
const pageSize = 100;

/** The reads of refunds that were asked for, and of which nobody has told that they are completed. */
export function createOpenRefundStore(orders: OrderModel) {
  return {
    /** Whether the index is there that `countOverdueRefunds` needs. */
    isIndexThere: () => hasIndex(orders, openRefundsIndex),

    /** The number of orders with a refund that was asked for by `until` and is open, up to 10,000. */
    countOverdueRefunds(until: Date): Promise<number> {
      const { filter } = orderQueries.openRefunds(until);
      return orders.countDocuments(filter, { limit: maxCounted }).maxTimeMS(countWithinMs).exec();
    },

    /**
     * The orders with open refunds, oldest order first. Reads all orders: for an operator's command. The caller may take
     * hours: no cursor is open between two pages.
     */
    async *withOpenRefunds({ since = new Date(0), undated }: OpenRefundRange): AsyncGenerator<ReadOrder> {
      const dated = { refundDueAt: { $gte: since }, refundCompletedAt: null };
      const old = { refund: { $exists: true }, refundDueAt: null, refundCompletedAt: null };
      const wanted = [
        { payments: { $elemMatch: dated } },
        ...(undated === 'with' ? [{ payments: { $elemMatch: old } }] : []),
      ];
      let last = new ObjectId('0'.repeat(24));
      for (let isLastPage = false; !isLastPage; ) {
        const query = orders.find({ $or: wanted, _id: { $gt: last } }).sort({ _id: 1 });
        const page = await query.limit(pageSize).lean<OrderRecord[]>();
        for (const record of page) yield readOrder(record);
        isLastPage = page.length < pageSize;
        last = page.at(-1)?._id ?? last;
      }
    },
  };
}

export type OpenRefundStore = ReturnType<typeof createOpenRefundStore>;
