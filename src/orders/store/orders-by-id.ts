import type { Types } from 'mongoose';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';

/** Returns the query for the stored orders with these ids. */
export function ordersById(orders: OrderModel): (ids: Types.ObjectId[]) => Promise<OrderRecord[]> {
  return (ids) =>
    orders
      .find({ _id: { $in: ids } })
      .batchSize(inOneBatch(ids.length))
      .lean<OrderRecord[]>()
      .exec();
}
