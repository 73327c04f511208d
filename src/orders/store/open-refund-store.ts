import type { OpenRefundRange } from '../domain/refund-reminders.ts';
import type { OrderModel } from './order-model.ts';
import { orderQueries } from './order-queries.ts';
import { type ReadOrder, readOrder } from './order-record.ts';
import { ordersInPages } from './orders-in-pages.ts';

/** Counting more takes time, and an operator learns no more from it. */
const maxCounted = 10_000;
/** The gauges wait no longer. */
const countWithinMs = 1_000;

/** The reads of refunds that were asked for, and of which nobody has told that they are completed. */
export function createOpenRefundStore(orders: OrderModel) {
  return {
    /** The number of orders with a refund that was asked for by `until` and is open, up to 10,000, by an index of its own. */
    countOverdueRefunds(until: Date): Promise<number> {
      const { filter } = orderQueries.openRefunds(until);
      return orders.countDocuments(filter, { limit: maxCounted }).maxTimeMS(countWithinMs).exec();
    },

    /** The orders with open refunds. Reads all orders: for an operator's command. */
    async *withOpenRefunds({ since = new Date(0), undated }: OpenRefundRange): AsyncGenerator<ReadOrder> {
      const dated = { refundDueAt: { $gte: since }, refundCompletedAt: null };
      const old = { refund: { $exists: true }, refundDueAt: null, refundCompletedAt: null };
      const wanted = [
        { payments: { $elemMatch: dated } },
        ...(undated === 'with' ? [{ payments: { $elemMatch: old } }] : []),
      ];
      for await (const record of ordersInPages(orders, { $or: wanted })) yield readOrder(record);
    },
  };
}

export type OpenRefundStore = ReturnType<typeof createOpenRefundStore>;
