import mongoose, { type QueryFilter } from 'mongoose';
import type { OrderModel, OrderRecord } from './order-model.ts';

/** How many orders are in memory at once. */
const pageSize = 100;

/**
 * Yields the orders that match, by their ids: that is not by their age, since an id may be derived from a key. The caller may
 * take hours: no cursor is open between two pages.
 */
export async function* ordersInPages(
  orders: OrderModel,
  filter: QueryFilter<OrderRecord>,
): AsyncGenerator<OrderRecord> {
  let last = new mongoose.Types.ObjectId('0'.repeat(24));
  for (let isLastPage = false; !isLastPage; ) {
    const query = orders.find({ ...filter, _id: { $gt: last } }).sort({ _id: 1 });
    const page = await query.limit(pageSize).lean<OrderRecord[]>();
    yield* page;
    isLastPage = page.length < pageSize;
    last = page.at(-1)?._id ?? last;
  }
}
