import mongoose, { type Connection } from 'mongoose';
import pino from 'pino';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { connectDatabase } from '../../src/platform/mongo/connect.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { newOrder } from '../stored/our-orders.ts';

export interface DriverJob {
  uri: string;
  inFlight: number;
  amount: number;
}

const { ObjectId } = mongoose.Types;
const connections = new Map<string, Promise<Connection>>();

/** A connection as the service has it, kept for the next job: same durability, same number of sockets. */
export function connected(uri: string): Promise<Connection> {
  let connection = connections.get(uri);
  if (!connection) {
    connection = connectDatabase(uri, {
      deadlineMs: 30_000,
      log: pino({ level: 'silent' }),
      operations: 'bounded',
    });
    connections.set(uri, connection);
  }
  return connection;
}

/** Inserts placed orders one by one with nothing around it, and resolves with how many a second. */
export async function insertOrders({ uri, inFlight, amount }: DriverJob): Promise<number> {
  const database = await connected(uri);
  const wanted = orderCollection(database);
  await ensureIndexes([wanted]);
  const documents = Array.from({ length: amount }, () => newOrder({ userId: String(new ObjectId()) }));
  return timed(documents, inFlight, (document) => wanted.model.collection.insertOne(document));
}

/** Brings tickets from version 0 to 1 one by one, as replication does, and resolves with how many a second. */
export async function updateTickets({ uri, inFlight, amount }: DriverJob): Promise<number> {
  const tickets = (await connected(uri)).collection<{ _id: mongoose.Types.ObjectId; version: number }>(
    'limit',
  );
  const ids = Array.from({ length: amount }, () => new ObjectId());
  const ticket = { title: 'A ticket', price: 20 };
  await tickets.insertMany(ids.map((_id) => ({ _id, ...ticket, version: 0 })));
  return timed(ids, inFlight, (_id) =>
    tickets.updateOne({ _id, version: 0 }, { $set: { ...ticket, version: 1 } }),
  );
}

/** Does something for every item, so many at a time, and resolves with how many a second. */
export async function timed<Item>(
  items: readonly Item[],
  inFlight: number,
  act: (item: Item) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const started = performance.now();
  const one = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await act(item);
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return (1_000 * items.length) / (performance.now() - started);
}
