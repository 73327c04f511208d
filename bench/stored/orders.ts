import mongoose from 'mongoose';
import type { Contestant } from '../stage.ts';
import type { OrderDocument } from '../usual-way/models.ts';
import type { Buyer } from './buyers.ts';
import { toldOrder } from './our-orders.ts';
import { storeAll, storeTickets } from './tickets.ts';

/** An order in a contestant's database, and who may see it. */
export interface StoredOrder {
  id: string;
  cookie: string;
}

/** Stores pending orders, so many for each buyer, as the contestant would have stored them. */
export async function storeOrders(
  { name, database }: Pick<Contestant, 'name' | 'database'>,
  { buyers, each }: { buyers: readonly Buyer[]; each: number },
): Promise<StoredOrder[]> {
  const ticketIds = await storeTickets(database, buyers.length * each);
  const owners = ticketIds.map((ticketId, place) => ({ ticketId, buyer: buyers[place % buyers.length] }));
  const makeOrder = name === 'ours' ? toldOrder : usualOrder;
  const pairs = owners.flatMap(({ ticketId, buyer }) =>
    buyer ? [{ order: makeOrder({ userId: buyer.id, ticketId }), buyer }] : [],
  );
  await storeAll(
    database,
    'orders',
    pairs.map(({ order }) => order),
  );
  return pairs.map(({ order, buyer }) => ({ id: order._id.toHexString(), cookie: buyer.cookie }));
}

function usualOrder({
  userId,
  ticketId,
}: {
  userId: string;
  ticketId: mongoose.Types.ObjectId;
}): OrderDocument {
  const expiresAt = new Date(Date.now() + 24 * 3_600 * 1_000);
  const _id = new mongoose.Types.ObjectId();
  return { _id, userId, status: 'created', expiresAt, ticket: ticketId, version: 0 };
}
