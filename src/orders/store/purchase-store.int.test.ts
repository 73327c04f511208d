import mongoose, { type Connection, type QueryFilter } from 'mongoose';
import { newId, storeTicket } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../../../tests/support/running-service.ts';
import { leaveToSweep } from '../../outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { ticketModel } from '../../tickets/store/ticket-model.ts';
import { placed } from '../domain/order-change.ts';
import { type OrderModel, type OrderRecord, orderCollection, orderModel } from './order-model.ts';
import { createPurchaseStore, type PurchaseContext } from './purchase-store.ts';

const notifier = leaveToSweep(() => new Date());
const idempotency = { key: 'k', fingerprint: 'f' };
let database: Connection;
beforeAll(async () => {
  database = await openDatabase(testConfig());
  await ensureIndexes([orderCollection(database)]);
});

const storeOn = (orders: OrderModel) => createPurchaseStore(orders, ticketModel(database), notifier);

function purchase(ticketId: string, userId = newId()) {
  const ticket = { id: ticketId, title: 'A', price: 1, version: 0 };
  return placed({ id: newId(), userId, ticket, holdMs: 60_000 }, { now: new Date() });
}

/** Orders whose look-up by id comes before everything is stored. */
function lookedUpTooEarly(): OrderModel {
  const model = orderModel(database);
  const find = (filter: QueryFilter<OrderRecord>) =>
    model.find('_id' in filter ? { _id: { $in: [] } } : filter);
  return Object.create(model, { find: { value: find } }) as OrderModel;
}

test('When the order of an id appears among the looks, then it is what is asked for, not in the way', async () => {
  const ticketId = await storeTicket(database);
  const { order, event } = purchase(ticketId);
  const { id: orderId, userId } = order;
  await storeOn(orderModel(database)).insert(order, event, { idempotency });
  const early = storeOn(lookedUpTooEarly());
  const sees = async (wanted: {
    ticketId: string;
    orderId?: string;
    pending?: number;
  }): Promise<PurchaseContext> => early.loadPurchaseContext({ userId, ...wanted });

  const asHolder = await sees({ ticketId, orderId });
  expect(asHolder.own).toMatchObject({ id: orderId, fingerprint: 'f' });
  const asPending = await sees({ ticketId: await storeTicket(database), orderId, pending: 2 });
  expect(asPending.own).toMatchObject({ id: orderId, fingerprint: 'f' });
  const ofOther = await sees({ ticketId, orderId: newId(), pending: 2 });
  expect([ofOther.own, ofOther.holder?.id, ofOther.pending[0]?.id]).toEqual([undefined, orderId, orderId]);
});

test('When orders are written together, then each has its own outcome, and each winner is handed over', async () => {
  const taken = await storeTicket(database);
  const handedOver: string[] = [];
  const notify = ({ orderId }: { orderId: string }) => void handedOver.push(orderId);
  const store = createPurchaseStore(orderModel(database), ticketModel(database), { ...notifier, notify });
  const wishes = [taken, taken, await storeTicket(database), taken].map((ticketId) => purchase(ticketId));
  const outcomes = await Promise.all(wishes.map(({ order, event }) => store.insert(order, event)));

  expect(outcomes[2]).toBe('written');
  expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(2);
  const winners = wishes.filter((_, place) => outcomes[place] === 'written').map(({ order }) => order.id);
  expect(new Set(handedOver)).toEqual(new Set(winners));
  const stored = await database
    .collection('orders')
    .find({ holdsTicket: true, ticketId: { $in: ids(wishes) } });
  expect(new Set((await stored.toArray()).map(({ _id }) => String(_id)))).toEqual(new Set(winners));
});

test('When many look at once, some for the same ticket and one for none, then each gets its own view', async () => {
  const store = storeOn(orderModel(database));
  const [free, held] = [await storeTicket(database), await storeTicket(database)];
  const { order, event } = purchase(held);
  await store.insert(order, event);
  const views = await Promise.all(
    [held, free, newId(), held].map((ticketId) => store.loadPurchaseContext({ ticketId, userId: newId() })),
  );
  expect(views.map(({ ticket }) => ticket?.id)).toEqual([held, free, undefined, held]);
  expect(views.map(({ holder }) => holder?.id)).toEqual([order.id, undefined, undefined, order.id]);
});

test('When purchases with keys look at once, then three queries are enough for all, and each finds its own order', async () => {
  const watched = await watchDatabase(testConfig());
  const queries: string[] = [];
  watched.getClient().on('commandStarted', ({ commandName }) => void queries.push(commandName));
  const store = createPurchaseStore(orderModel(watched), ticketModel(watched), notifier);
  const placedBefore = [purchase(newId()), purchase(newId())];
  await Promise.all(placedBefore.map(({ order, event }) => store.insert(order, event, { idempotency })));

  queries.length = 0;
  const orderIds = [...placedBefore.map(({ order }) => order.id), newId(), newId()];
  const views = await Promise.all(
    orderIds.map((orderId) => store.loadPurchaseContext({ ticketId: newId(), userId: newId(), orderId })),
  );
  expect(queries).toEqual(['find', 'find', 'find']);
  expect(views.map(({ own }) => own?.id)).toEqual([orderIds[0], orderIds[1], undefined, undefined]);
});

function ids(wishes: ReturnType<typeof purchase>[]) {
  return wishes.map(({ order }) => new mongoose.Types.ObjectId(order.ticketId));
}
