import { createBatcher } from '../../platform/mongo/batcher.ts';
import { createManyLoader, inOneBatch } from '../../platform/mongo/loader.ts';
import type { TicketModel, TicketRecord } from '../../tickets/store/ticket-model.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { orderQueries } from './order-queries.ts';
import { ordersById } from './orders-by-id.ts';

/** Selects what one purchase reads: a ticket, and its own order if that may be stored already. */
interface Wanted {
  ticketId: string;
  orderId: string | undefined;
}

/** The documents that exist. */
interface Found {
  ticket: TicketRecord | undefined;
  /** The order that holds the ticket. */
  holdingOrder: OrderRecord | undefined;
  /** The order with `orderId`. */
  ownOrder: OrderRecord | undefined;
}

/**
 * Reads a ticket, the order that holds it and the order with an id, in three concurrent queries. Purchases of the same moment
 * share them and get their results at the same time, so they also share a write.
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
    // One batch at a time: the purchases that come during it share the next one.
    concurrency: 1,
  });
}
