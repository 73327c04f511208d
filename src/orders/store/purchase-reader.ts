import { createBatcher } from '../../platform/mongo/batcher.ts';
import { createManyLoader, inOneBatch } from '../../platform/mongo/loader.ts';
import type { TicketModel, TicketRecord } from '../../tickets/store/ticket-model.ts';
import { createEarlierOrdersReader, type EarlierOrdersQuery } from './earlier-orders-reader.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { orderQueries } from './order-queries.ts';
import { ordersById } from './orders-by-id.ts';

/** Selects what one purchase reads: a ticket, its own order if that may be stored already, and earlier orders if they count. */
interface Wanted {
  ticketId: string;
  orderId: string | undefined;
  earlier: EarlierOrdersQuery | undefined;
  /** Whether the earlier orders may be left out when others in the batch want the ticket. */
  mayOmitEarlier: boolean;
}

/** The documents that exist. */
interface Found {
  ticket: TicketRecord | undefined;
  /** The order that holds the ticket. */
  holdingOrder: OrderRecord | undefined;
  /** The order with `orderId`. */
  ownOrder: OrderRecord | undefined;
  /** The earlier orders; undefined where none are asked for, or where they were left out. */
  earlier: OrderRecord[] | undefined;
}

/**
 * Reads a ticket, the order that holds it, the order with an id and a user's orders for the ticket, in concurrent queries,
 * one for each of these. Purchases of the same moment share them and get their results at the same time, so they also share a write.
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
  const readEarlier = createEarlierOrdersReader(orders);

  return createBatcher({
    async runBatch(wanted: Wanted[]) {
      const ticketIds = wanted.map(({ ticketId }) => ticketId);
      const isWantedByOthers = wantedBySeveral(ticketIds);
      const [found, holding, own, earlier] = await Promise.all([
        loadTickets(ticketIds),
        loadHoldingOrders(ticketIds),
        loadOrders(wanted.map(({ orderId }) => orderId)),
        readEarlier(
          wanted.map((one) => (one.mayOmitEarlier && isWantedByOthers(one) ? undefined : one.earlier)),
        ),
      ]);
      return wanted.map((_, index) => ({
        ticket: found[index],
        holdingOrder: holding[index],
        ownOrder: own[index],
        earlier: earlier[index],
      }));
    },
    // One batch at a time: the purchases that come during it share the next one.
    concurrency: 1,
  });
}

/** Returns whether several want the ticket. */
function wantedBySeveral(ticketIds: readonly string[]): (of: Pick<Wanted, 'ticketId'>) => boolean {
  const once = new Set<string>();
  const several = new Set<string>();
  for (const id of ticketIds) (once.has(id) ? several : once).add(id);
  return ({ ticketId }) => several.has(ticketId);
}
