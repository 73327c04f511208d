import { createBatcher } from '../../platform/mongo/batcher.ts';
import { createManyLoader, inOneBatch } from '../../platform/mongo/loader.ts';
import type { TicketModel, TicketRecord } from '../../tickets/store/ticket-model.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { orderQueries } from './order-queries.ts';
import { ordersById } from './orders-by-id.ts';

/** What one purchase reads: a ticket, and maybe the order that it may have written already. */
interface Wanted {
  ticketId: string;
  orderId: string | undefined;
}

/** What there is of it. */
interface Found {
  ticket: TicketRecord | undefined;
  /** The order that holds the ticket. */
  holdingOrder: OrderRecord | undefined;
  /** The order of the id that was asked for. */
  ownOrder: OrderRecord | undefined;
}

/**
 * Reads a ticket, the order that holds it and the order of an id. Purchases of the same moment share these three queries,
 * which run side by side. All of them then know at once what they need to, so they are written together, too.
 */
export function createPurchaseReader(
  orders: OrderModel,
  tickets: TicketModel,
): (wanted: Wanted) => Promise<Found> {
  const loadTickets = createManyLoader({
    find: (ids) =>
      tickets
        .find({ _id: { $in: ids } })
        .batchSize(inOneBatch(ids.length))
        .lean<TicketRecord[]>(),
    idOf: ({ _id }) => _id,
  });
  const loadHoldingOrders = createManyLoader({
    find: (ids) =>
      orders.find(orderQueries.holders(ids).filter).batchSize(inOneBatch(ids.length)).lean<OrderRecord[]>(),
    idOf: ({ ticketId }) => ticketId,
  });
  const loadOrders = createManyLoader({ find: ordersById(orders), idOf: ({ _id }) => _id });

  return createBatcher({
    async runBatch(wanted: Wanted[]) {
      const ticketIds = wanted.map(({ ticketId }) => ticketId);
      const [found, holding, own] = await Promise.all([
        loadTickets(ticketIds),
        loadHoldingOrders(ticketIds),
        loadOrders(wanted.map(({ orderId }) => orderId)),
      ]);
      return wanted.map((_, index) => ({
        ticket: found[index],
        holdingOrder: holding[index],
        ownOrder: own[index],
      }));
    },
    // One read at a time takes little of the database, and those that come in that time are many in the next one.
    concurrency: 1,
  });
}
