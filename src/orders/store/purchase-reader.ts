import { createBatcher } from '../../platform/mongo/batcher.ts';
import { createManyLoader, inOneBatch } from '../../platform/mongo/loader.ts';
import type { TicketModel, TicketRecord } from '../../tickets/store/ticket-model.ts';
import { type OrderModel, type OrderRecord, ordersById } from './order-model.ts';
import { orderQueries } from './order-queries.ts';

/** What one purchase looks for: a ticket, and maybe the order that it may have written already. */
interface Wanted {
  ticketId: string;
  orderId: string | undefined;
}

/** What there is of it. */
export interface Seen {
  ticket: TicketRecord | undefined;
  /** The order that holds the ticket. */
  holder: OrderRecord | undefined;
  /** The order of the id that was asked for. */
  own: OrderRecord | undefined;
}

/**
 * The look of a purchase at a ticket, its holder and the order of an id. Purchases of the same moment look together:
 * they share these queries, which go side by side. Since all of them then know at once what they need to, they are
 * written together, too.
 */
export function createPurchaseReader(
  orders: OrderModel,
  tickets: TicketModel,
): (wanted: Wanted) => Promise<Seen> {
  const loadTickets = createManyLoader({
    find: (ids) =>
      tickets
        .find({ _id: { $in: ids } })
        .batchSize(inOneBatch(ids.length))
        .lean<TicketRecord[]>(),
    idOf: ({ _id }) => _id,
  });
  const loadHolders = createManyLoader({
    find: (ids) =>
      orders.find(orderQueries.holders(ids).filter).batchSize(inOneBatch(ids.length)).lean<OrderRecord[]>(),
    idOf: ({ ticketId }) => ticketId,
  });
  const loadOrders = createManyLoader({ find: ordersById(orders), idOf: ({ _id }) => _id });

  return createBatcher({
    async runBatch(wanted: Wanted[]) {
      const ticketIds = wanted.map(({ ticketId }) => ticketId);
      const [found, holders, own] = await Promise.all([
        loadTickets(ticketIds),
        loadHolders(ticketIds),
        loadOrders(wanted.map(({ orderId }) => orderId)),
      ]);
      return wanted.map((_, index) => ({ ticket: found[index], holder: holders[index], own: own[index] }));
    },
    // One look at a time takes little of the database, and those who come meanwhile are many in the next one.
    concurrency: 1,
  });
}
