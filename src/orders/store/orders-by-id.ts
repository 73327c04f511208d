import type { Types } from 'mongoose';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';

/** Makes the query for the orders of these ids, as they are stored. */
export function ordersById(orders: OrderModel): (ids: Types.ObjectId[]) => Promise<OrderRecord[]> {
  return (ids) =>
    orders
      .find({ _id: { $in: ids } })
      .batchSize(inOneBatch(ids.length))
      .lean<OrderRecord[]>()
      .exec();
}
