import mongoose, { type Connection } from 'mongoose';
import { orderCollection, pendingLimitOf } from '../../src/orders/store/order-indexes.ts';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore, type OrderStore } from '../../src/orders/store/order-store.ts';
import { placeOrder } from '../../src/orders/use-cases/place-order.ts';
import { settlePayment } from '../../src/orders/use-cases/settle-payment.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { newId, storeTicket } from '../support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../support/running-service.ts';

const limit = 3;
const start = Date.parse('2030-01-01T00:00:00Z');
const commands: { name: string; command: Record<string, unknown> }[] = [];
let database: Connection;
let orders: OrderStore;
const at = (time: number) => ({ orders, clock: () => new Date(time), holdMs: 900_000 });

beforeAll(async () => {
  const config = testConfig();
  database = await openDatabase(config);
  await ensureIndexes([orderCollection(database), pendingLimitOf(database)]);
  const monitored = await watchDatabase(config);
  monitored
    .getClient()
    .on('commandStarted', ({ commandName: name, command }) => commands.push({ name, command }));
  orders = createOrderStore(
    orderModel(monitored),
    ticketModel(monitored),
    leaveToSweep(() => new Date(start)),
  );
});

const pendingOf = (userId: string) =>
  database.collection('orders').countDocuments({ userId, status: 'pending' });

test('When holds end, then they do not count, though no sweep has run, and a late payment needs no slot', async () => {
  const userId = newId();
  const buyAt = async (time: number) =>
    placeOrder({ ...at(time), maxPending: limit }, { userId, ticketId: await storeTicket(database) });
  const first = await buyAt(start);
  await buyAt(start);
  await buyAt(start + 1);
  expect((await buyAt(start + 899_999)).kind).toBe('too_many_pending');
  // Two of three are over; both slots can be had, at once.
  const again = await Promise.all([buyAt(start + 900_000), buyAt(start + 900_000), buyAt(start + 900_000)]);
  expect(again.map(({ kind }) => kind).toSorted()).toEqual(['placed', 'placed', 'too_many_pending']);
  expect(await pendingOf(userId)).toBe(limit);

  const id = first.kind === 'placed' ? first.order.id : '';
  const late = await orders.findById(id);
  expect(late).toMatchObject({ status: 'expired', version: 1, history: [{}, { cause: 'expiry' }] });
  const payment = { id: newId(), stripeChargeId: 'ch_1' };
  expect(await settlePayment(at(start + 900_001), id, payment)).toMatchObject({ kind: 'paid' });
});

test('When holds that are over cannot be ended, then they count, and nobody waits for them', async () => {
  const userId = newId();
  const buyAt = async (time: number) =>
    placeOrder({ ...at(time), maxPending: 2 }, { userId, ticketId: await storeTicket(database) });
  await buyAt(start);
  await buyAt(start);
  const stored = database.collection('orders');
  const spoilt = { $set: { history: 'expired by hand' } };
  await stored.updateOne({ userId }, spoilt);
  // The other one makes room.
  expect(await buyAt(start + 900_000)).toMatchObject({ kind: 'placed' });
  const availableAt = new Date(start + 1_800_000);
  expect(await buyAt(start + 900_000)).toEqual({ kind: 'too_many_pending', limit: 2, availableAt });

  await stored.updateMany({ userId }, spoilt);
  expect(await buyAt(start + 1_800_000)).toEqual({ kind: 'conflict' });
});

test('When the limit is turned on, lowered or raised, then the orders of before count, and none is ended', async () => {
  const userId = newId();
  const under = async (maxPending: number) =>
    (await placeOrder({ ...at(start), maxPending }, { userId, ticketId: await storeTicket(database) })).kind;
  expect(await under(0)).toBe('placed');
  expect([await under(2), await under(2)]).toEqual(['placed', 'too_many_pending']);
  expect([await under(5), await under(5), await under(5)]).toEqual(['placed', 'placed', 'placed']);
  expect(await under(2)).toBe('too_many_pending');
  expect(await under(0)).toBe('placed');
  expect(await pendingOf(userId)).toBe(6);
});

test('When there is no limit, or there is room under it, then a purchase is one read and one write', async () => {
  for (const maxPending of [0, 1]) {
    const ticketId = await storeTicket(database);
    commands.length = 0;
    const outcome = await placeOrder({ ...at(start), maxPending }, { userId: newId(), ticketId });
    expect(outcome.kind).toBe('placed');
    const reads = commands.filter(({ name }) => name === 'find');
    // Side by side, so in the time of one (round-trips-per-request.int.test.ts): the ticket, its holder, and what is pending.
    expect(reads).toHaveLength(2 + maxPending);
    expect(commands.slice(reads.length).map(({ name }) => name)).toEqual(['insert']);
    const _id = new mongoose.Types.ObjectId(outcome.kind === 'placed' ? outcome.order.id : '');
    const stored = await database.collection('orders').findOne({ _id });
    expect(stored && 'pendingSlot' in stored).toBe(maxPending > 0);
  }
});
