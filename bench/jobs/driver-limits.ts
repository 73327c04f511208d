import mongoose from 'mongoose';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { newOrder } from '../fixtures/candidate-orders.ts';
import { openDatabase } from './connections.ts';
import { operationsPerSecond } from './timing.ts';

export interface DriverJob {
  uri: string;
  inFlight: number;
  amount: number;
}

const { ObjectId } = mongoose.Types;

/** Inserts placed orders one by one with nothing around it, and resolves with the inserts a second. */
export async function insertOrders({ uri, inFlight, amount }: DriverJob): Promise<number> {
  const database = await openDatabase(uri);
  const orders = orderCollection(database);
  await ensureIndexes([orders]);
  const documents = Array.from({ length: amount }, () => newOrder({ userId: String(new ObjectId()) }));
  return operationsPerSecond(documents, inFlight, (document) => orders.model.collection.insertOne(document));
}

/** Updates tickets from version 0 to 1 one by one, as replication does, and resolves with the updates a second. */
export async function updateTickets({ uri, inFlight, amount }: DriverJob): Promise<number> {
  const database = await openDatabase(uri);
  const tickets = database.collection<{ _id: mongoose.Types.ObjectId; version: number }>('limit');
  const ids = Array.from({ length: amount }, () => new ObjectId());
  const ticket = { title: 'A ticket', price: 20 };
  await tickets.insertMany(ids.map((_id) => ({ _id, ...ticket, version: 0 })));
  return operationsPerSecond(ids, inFlight, (_id) =>
    tickets.updateOne({ _id, version: 0 }, { $set: { ...ticket, version: 1 } }),
  );
}
