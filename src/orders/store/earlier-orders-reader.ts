import { inOneBatch } from '../../platform/mongo/loader.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { orderQueries } from './order-queries.ts';

/** A user and a ticket, and how many of the newest orders of that user for it are wanted. */
export interface EarlierOrdersQuery {
  userId: string;
  ticketId: string;
  limit: number;
}

/** How many orders one query for many brings: nearly all buyers have none or a few of a ticket, and one may have thousands. */
const maxInBatch = 1_000;

/**
 * Reads the newest orders of users for tickets, with one query for all; undefined for an undefined one. Where that query may
 * have left some out, since it has found `maxInBatch`, each is read with its own limit.
 */
export function createEarlierOrdersReader(
  orders: OrderModel,
): (wanted: readonly (EarlierOrdersQuery | undefined)[]) => Promise<(OrderRecord[] | undefined)[]> {
  async function readEach(wanted: readonly (EarlierOrdersQuery | undefined)[]) {
    return Promise.all(
      wanted.map((one) => {
        if (!one) return undefined;
        const { filter, sort = {} } = queryOf(one);
        return orders.find(filter).sort(sort).limit(one.limit).lean<OrderRecord[]>();
      }),
    );
  }

  return async (wanted) => {
    const asked = wanted.filter((one) => one !== undefined);
    if (asked.length <= 1) return readEach(wanted);
    const found = await orders
      .find({ $or: asked.map((one) => queryOf(one).filter) })
      .limit(maxInBatch)
      .batchSize(inOneBatch(maxInBatch))
      .lean<OrderRecord[]>();
    if (found.length === maxInBatch) return readEach(wanted);
    const byPair = new Map(asked.map((one) => [pairOf(one), [] as OrderRecord[]]));
    for (const order of found.toSorted((one, other) => Number(other.createdAt) - Number(one.createdAt)))
      byPair.get(pairOf(order))?.push(order);
    return wanted.map((one) => one && byPair.get(pairOf(one))?.slice(0, one.limit));
  };
}

const queryOf = (of: EarlierOrdersQuery) => orderQueries.ofUserAndTicket(of.userId, of.ticketId);
const pairOf = (of: { userId: string; ticketId: unknown }) => `${String(of.ticketId)} ${of.userId}`;
