import mongoose, { type Connection } from 'mongoose';
import { newId, storeTicket } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../../../tests/support/running-service.ts';
import { ticketModel } from '../../tickets/store/ticket-model.ts';
import { createEarlierOrdersReader } from './earlier-orders-reader.ts';
import { orderModel } from './order-model.ts';
import { createPurchaseReader } from './purchase-reader.ts';

let database: Connection;
let watched: Connection;
let commands: string[] = [];

beforeAll(async () => {
  const config = testConfig();
  database = await openDatabase(config);
  watched = await watchDatabase(config);
  watched.getClient().on('commandStarted', ({ commandName }) => void commands.push(commandName));
});

/** Stores that many orders of a user for a ticket, the newest first. Resolves with their ids. */
async function storeOrders(userId: string, ticketId: string, count: number): Promise<string[]> {
  const orders = Array.from({ length: count }, (_, index) => ({
    _id: new mongoose.Types.ObjectId(),
    userId,
    ticketId: new mongoose.Types.ObjectId(ticketId),
    createdAt: new Date(Date.parse('2030-01-01') - index * 1_000),
  }));
  await database.collection('orders').insertMany(orders);
  return orders.map(({ _id }) => String(_id));
}

const ids = (found: ({ _id: unknown }[] | undefined)[]) =>
  found.map((list) => list?.map(({ _id }) => String(_id)));

test('When several purchases ask together, then one command brings each its own newest orders', async () => {
  const [anna, bert, first, second] = [newId(), newId(), newId(), newId()];
  const many = await storeOrders(anna, first, 5);
  await storeOrders(bert, first, 2);
  const one = await storeOrders(bert, second, 1);
  const read = createEarlierOrdersReader(orderModel(watched));
  commands = [];
  const found = await read([
    { userId: anna, ticketId: first, limit: 3 },
    undefined,
    { userId: bert, ticketId: second, limit: 3 },
    { userId: anna, ticketId: second, limit: 3 },
  ]);
  expect(ids(found)).toEqual([many.slice(0, 3), undefined, one, []]);
  expect(commands).toEqual(['find']);
});

test('When somebody has more orders of a ticket than are read together, then each still gets the newest', async () => {
  const [anna, bert, ticketId] = [newId(), newId(), newId()];
  const many = await storeOrders(anna, ticketId, 1_200);
  const few = await storeOrders(bert, ticketId, 2);
  const read = createEarlierOrdersReader(orderModel(watched));
  const found = await read([anna, bert].map((userId) => ({ userId, ticketId, limit: 10 })));
  expect(ids(found)).toEqual([many.slice(0, 10), few]);
});

test('When several want one ticket at the same moment, then their earlier orders are left out where they may be', async () => {
  const [hot, quiet] = [await storeTicket(database), await storeTicket(database)];
  const user = newId();
  const [order] = await storeOrders(user, hot, 1);
  const read = createPurchaseReader(orderModel(watched), ticketModel(watched));
  const want = (ticketId: string, mayOmitEarlier: boolean) =>
    read({
      ticketId,
      orderId: undefined,
      earlier: { userId: user, ticketId, limit: 10 },
      mayOmitEarlier,
    });
  const together = [want(hot, true), want(hot, true), want(quiet, true)];
  expect(ids((await Promise.all(together)).map(({ earlier }) => earlier))).toEqual([
    undefined,
    undefined,
    [],
  ]);
  expect(ids([(await want(hot, true)).earlier])).toEqual([[order]]);
  const forced = await Promise.all([want(hot, false), want(hot, false)]);
  expect(ids(forced.map(({ earlier }) => earlier))).toEqual([[order], [order]]);
});
