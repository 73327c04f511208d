import mongoose from 'mongoose';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import type { ListedOrder, Order } from '../domain/order.ts';
import type { TicketHold } from '../domain/purchase.ts';
import { toTicketHold } from './kept-hold-store.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { type OrderList, orderQueries } from './order-queries.ts';
import { toListedOrder, toOrder, unlistedFields } from './order-record.ts';

/** The reads of single orders and of a user's list. Calls of `findOrder` at the same moment share a query. */
export function createOrderReadStore(
  orders: OrderModel,
  findOrder: (id: string) => Promise<OrderRecord | undefined>,
) {
  return {
    async findById(id: string): Promise<Order | undefined> {
      const record = await findOrder(id);
      return record && toOrder(record);
    },

    /** The order that holds the ticket, or a kept hold of it. */
    async findTicketHold(ticketId: string): Promise<TicketHold> {
      const { filter } = orderQueries.holders([new mongoose.Types.ObjectId(ticketId)]);
      const [record] = await orders.find(filter).limit(1).lean<OrderRecord[]>();
      return record ? toTicketHold(record) : {};
    },

    /** A part of a user's orders. */
    async list({ limit, ...wanted }: OrderList): Promise<ListedOrder[]> {
      const { filter, sort = {} } = orderQueries.ofUser(wanted);
      const query = orders.find(filter).sort(sort).lean<OrderRecord[]>();
      return (await query.select(unlistedFields).limit(limit).batchSize(inOneBatch(limit))).map(
        toListedOrder,
      );
    },
  };
}
