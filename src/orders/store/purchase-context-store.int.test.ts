import mongoose, { type Connection, type QueryFilter } from 'mongoose';
import { newId, storeTicket } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../../../tests/support/running-service.ts';
import { leaveToSweep } from '../../outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { ticketModel } from '../../tickets/store/ticket-model.ts';
import * as transitions from '../domain/transitions.ts';
import { orderCollection } from './order-indexes.ts';
import { type OrderModel, type OrderRecord, orderModel } from './order-model.ts';
import { createOrderStore } from './order-store.ts';

const notifier = leaveToSweep(() => new Date());
const idempotency = { key: 'k', fingerprint: 'f' };
let database: Connection;
beforeAll(async () => {
  database = await openDatabase(testConfig());
  await ensureIndexes([orderCollection(database)]);
});

const storeOn = (orders: OrderModel) => createOrderStore(orders, ticketModel(database), notifier);

function purchase(ticketId: string, userId = newId()) {
  const ticket = { id: ticketId, title: 'A', price: 1, version: 0 };
  return transitions.place({ id: newId(), userId, ticket, holdMs: 60_000 }, { now: new Date() });
}

/** Orders whose query by id comes before everything is stored. */
function readTooEarly(): OrderModel {
  const model = orderModel(database);
  const find = (filter: QueryFilter<OrderRecord>) =>
    model.find('_id' in filter ? { _id: { $in: [] } } : filter);
  return Object.create(model, { find: { value: find } }) as OrderModel;
}

test('When the order of an id appears between the queries, then it is what is asked for, not in the way', async () => {
  const ticketId = await storeTicket(database);
  const { order, event } = purchase(ticketId);
  const { id: orderId, userId } = order;
  await storeOn(orderModel(database)).insert(order, event, { idempotency });
  const early = storeOn(readTooEarly());
  const sees = async (wanted: { ticketId: string; orderId?: string; maxPending?: number }) =>
    early.loadPurchaseContext({ userId, ...wanted });

  const asHolder = await sees({ ticketId, orderId });
  expect(asHolder.ownOrder).toMatchObject({ id: orderId, fingerprint: 'f' });
  const asPending = await sees({ ticketId: await storeTicket(database), orderId, maxPending: 2 });
  expect(asPending.ownOrder).toMatchObject({ id: orderId, fingerprint: 'f' });
  const ofOther = await sees({ ticketId, orderId: newId(), maxPending: 2 });
  expect([ofOther.ownOrder, ofOther.holdingOrder?.id, ofOther.pending[0]?.id]).toEqual([
    undefined,
    orderId,
    orderId,
  ]);
});

test('When a ticket is withdrawn, then it is as one that there is not, and its holder is known', async () => {
  const ticketId = await storeTicket(database);
  const store = storeOn(orderModel(database));
  const { order, event } = purchase(ticketId);
  await store.insert(order, event);
  const wanted = { ticketId, userId: newId() };
  expect(await store.loadPurchaseContext(wanted)).toMatchObject({ ticket: { id: ticketId } });
  const _id = new mongoose.Types.ObjectId(ticketId);
  await ticketModel(database).updateOne({ _id }, { $set: { withdrawnAt: new Date() } });
  const { ticket, holdingOrder } = await store.loadPurchaseContext(wanted);
  expect([ticket, holdingOrder?.id]).toEqual([undefined, order.id]);
});

test('When orders are written together, then each has its own outcome, and the relay is notified of each winner', async () => {
  const taken = await storeTicket(database);
  const notified: string[] = [];
  const notify = ({ orderId }: { orderId: string }) => void notified.push(orderId);
  const store = createOrderStore(orderModel(database), ticketModel(database), { ...notifier, notify });
  const wishes = [taken, taken, await storeTicket(database), taken].map((ticketId) => purchase(ticketId));
  const outcomes = await Promise.all(wishes.map(({ order, event }) => store.insert(order, event)));

  expect(outcomes[2]).toBe('written');
  expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(2);
  const winners = wishes.filter((_, index) => outcomes[index] === 'written').map(({ order }) => order.id);
  expect(new Set(notified)).toEqual(new Set(winners));
  const stored = await database
    .collection('orders')
    .find({ holdsTicket: true, ticketId: { $in: ids(wishes) } });
  expect(new Set((await stored.toArray()).map(({ _id }) => String(_id)))).toEqual(new Set(winners));
});

test('When many read at once, some of the same ticket and one of none, then each gets what it asked for', async () => {
  const store = storeOn(orderModel(database));
  const [free, held] = [await storeTicket(database), await storeTicket(database)];
  const { order, event } = purchase(held);
  await store.insert(order, event);
  const views = await Promise.all(
    [held, free, newId(), held].map((ticketId) => store.loadPurchaseContext({ ticketId, userId: newId() })),
  );
  expect(views.map(({ ticket }) => ticket?.id)).toEqual([held, free, undefined, held]);
  expect(views.map(({ holdingOrder }) => holdingOrder?.id)).toEqual([
    order.id,
    undefined,
    undefined,
    order.id,
  ]);
});

test('When purchases with keys read at once, then three queries are enough for all, and each finds its own order', async () => {
  const watched = await watchDatabase(testConfig());
  const queries: string[] = [];
  watched.getClient().on('commandStarted', ({ commandName }) => void queries.push(commandName));
  const store = createOrderStore(orderModel(watched), ticketModel(watched), notifier);
  const placedBefore = [purchase(newId()), purchase(newId())];
  await Promise.all(placedBefore.map(({ order, event }) => store.insert(order, event, { idempotency })));

  queries.length = 0;
  const orderIds = [...placedBefore.map(({ order }) => order.id), newId(), newId()];
  const views = await Promise.all(
    orderIds.map((orderId) => store.loadPurchaseContext({ ticketId: newId(), userId: newId(), orderId })),
  );
  expect(queries).toEqual(['find', 'find', 'find']);
  expect(views.map(({ ownOrder }) => ownOrder?.id)).toEqual([orderIds[0], orderIds[1], undefined, undefined]);
});

function ids(wishes: ReturnType<typeof purchase>[]) {
  return wishes.map(({ order }) => new mongoose.Types.ObjectId(order.ticketId));
}
