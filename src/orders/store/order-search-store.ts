import { streamDocuments } from '../../platform/mongo/stream-documents.ts';
import type { ListedOrder } from '../domain/order.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { type OrderSearch, orderQueries } from './order-queries.ts';
import { toListedOrder, unlistedFields } from './order-record.ts';

/** An order that was found, or the id and the problem of one that cannot be read. */
export type FoundOrder = ListedOrder | { id: string; problem: string };

/** The read of orders for operators, newest first, one at a time: there may be millions. */
export function createOrderSearchStore(orders: OrderModel) {
  return {
    async *search(wanted: OrderSearch): AsyncGenerator<FoundOrder> {
      const { filter, sort = {} } = orderQueries.search(wanted);
      const found = orders.find(filter, unlistedFields).sort(sort).lean<OrderRecord[]>();
      for await (const record of streamDocuments(found)) yield read(record);
    },
  };
}

function read(record: OrderRecord): FoundOrder {
  try {
    const order = toListedOrder(record);
    // After a manual repair they may be anything.
    if (![order.createdAt, order.expiresAt].every((time) => time instanceof Date))
      throw new Error('its createdAt or expiresAt is no date');
    return order;
  } catch (error) {
    return { id: String(record._id), problem: (error as Error).message };
  }
}
