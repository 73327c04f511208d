import mongoose, { type Connection } from 'mongoose';
import { newId, storeTicket } from '../../../tests/support/buyer.ts';
import { pastOrders } from '../../../tests/support/past-orders.ts';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { deadLetterModel } from '../../messaging/dead-letters/dead-letter-model.ts';
import { createDeadLetterStore } from '../../messaging/dead-letters/dead-letter-store.ts';
import { leaveToSweep } from '../../outbox/outbox-notifier.ts';
import { ticketModel } from '../../tickets/store/ticket-model.ts';
import type { Order } from '../domain/order.ts';
import { completeRefund, release } from '../domain/refund-transitions.ts';
import * as transitions from '../domain/transitions.ts';
import { createErasureStore } from '../store/erasure-store.ts';
import { orderModel } from '../store/order-model.ts';
import { createOrderStore } from '../store/order-store.ts';
import { forgetUser, planForget } from './forget-user.ts';

const now = new Date('2030-01-01T00:00:00Z');
const context = { now };
let database: Connection;
let past: ReturnType<typeof pastOrders>;

beforeAll(async () => {
  database = await openDatabase(testConfig());
  past = pastOrders(database);
});
beforeEach(async () => {
  await Promise.all(['orders', 'dead_letters'].map((name) => database.collection(name).deleteMany({})));
});

const deps = () => ({
  erasures: createErasureStore(orderModel(database)),
  deadLetters: createDeadLetterStore(deadLetterModel(database), () => now),
  signal: new AbortController().signal,
});
const stored = (id: string) =>
  database.collection('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });

/** An order of the user, whose events are sent; with a key, which a service would have stored. */
async function place(userId: string): Promise<Order> {
  const order = await past.place(now);
  const idempotency = { key: 'k', fingerprint: 'f' };
  await orderModel(database).updateOne({ _id: order.id }, { $set: { userId, idempotency } });
  return { ...order, userId };
}

const payment = { id: 'p', stripeChargeId: 'ch' };

test('When a user is forgotten, then their id is nowhere, and all else of their orders and of others stays', async () => {
  const [userId, other] = [newId(), newId()];
  const [paid, given, theirs] = [await place(userId), await place(userId), await place(other)];
  await past.change(transitions.pay(paid, payment, context));
  const bought = await past.change(transitions.pay(given, payment, context));
  const released = await past.change(release(bought, `asked for by ${userId}, twice`, context));
  await past.change(completeRefund(released, { id: 'p', note: `told ${userId}` }, context));
  await past.change(transitions.cancel(theirs, context));
  const letters = [
    { userId, price: 1.5 },
    { userId: other, price: 1.5 },
  ].map((data, sequence) => ({
    ...{ subject: 's', timestamp: '1', attempt: 1, sequence },
    data: Buffer.from(JSON.stringify(data)),
  }));
  for (const letter of letters) await deps().deadLetters.keep(letter, 'r');
  const before = await Promise.all([paid.id, given.id, theirs.id].map(stored));

  expect(await planForget(deps(), userId)).toMatchObject({
    kind: 'planned',
    orders: 2,
    letters: 1,
    obstacles: [],
  });
  expect(await Promise.all([paid.id, given.id, theirs.id].map(stored))).toEqual(before);

  const { kind, alias = '' } = await forgetUser(deps(), userId);
  expect([kind, alias]).toEqual(['forgotten', expect.stringMatching(/^erased-[0-9a-f]{24}$/)]);
  const after = await Promise.all([paid.id, given.id, theirs.id].map(stored));
  const expected = before.map((order) => {
    if (order?.['userId'] !== userId) return order;
    const { idempotency: _, ...rest } = order;
    return JSON.parse(JSON.stringify(rest).replaceAll(userId, alias)) as unknown;
  });
  expect(JSON.parse(JSON.stringify(after))).toEqual(JSON.parse(JSON.stringify(expected)));
  expect(JSON.stringify(after)).toContain(`asked for by ${alias}, twice`);
  expect(JSON.stringify(after)).toContain(`told ${alias}`);
  const texts = [];
  for await (const letter of deps().deadLetters.all())
    if ('data' in letter) texts.push(letter.data.toString());
  expect(texts).toEqual([`{"userId":"${alias}","price":1.5}`, `{"userId":"${other}","price":1.5}`]);
  expect(await planForget(deps(), userId)).toMatchObject({ kind: 'planned', orders: 0, letters: 0 });
});

test('When the id is still needed, then each reason is named, and nothing is changed', async () => {
  const userId = newId();
  const [pending, done, refunding] = [await place(userId), await place(userId), await place(userId)];
  await past.change(transitions.cancel(done, context));
  const bought = await past.change(transitions.pay(refunding, payment, context));
  await past.change(release(bought, 'broken', context));
  await database.collection('orders').updateOne(
    { _id: new mongoose.Types.ObjectId(done.id) },
    {
      $set: { outbox: [{ eventId: `${done.id}:1` }] },
    },
  );
  for (const run of [planForget, forgetUser]) {
    const { kind, obstacles } = await run(deps(), userId);
    expect(kind).toBe('refused');
    expect(new Set(obstacles)).toEqual(
      new Set([
        { orderId: pending.id, kind: 'pending' },
        { orderId: done.id, kind: 'event_waits' },
        { orderId: refunding.id, kind: 'refund_open', paymentId: 'p' },
      ]),
    );
  }
  expect(await database.collection('orders').countDocuments({ userId })).toBe(3);
});

test('When nobody knows whether a payment was given back, then it is listed, and does not refuse', async () => {
  const userId = newId();
  const order = await place(userId);
  const cancelled = await past.change(transitions.cancel(order, context));
  await past.change(transitions.requireRefund(cancelled, payment, 'order_cancelled', context));
  await database.collection('orders').updateMany({}, { $unset: { 'payments.0.refundDueAt': 1 } });
  expect(await forgetUser(deps(), userId)).toMatchObject({
    kind: 'forgotten',
    unknownRefunds: [{ orderId: order.id, paymentId: 'p' }],
  });
});

test('When an order changes or comes meanwhile, then it keeps the id, and it is said that something is left', async () => {
  const userId = newId();
  const order = await place(userId);
  await past.change(transitions.cancel(order, context));
  const ticket = { id: await storeTicket(database), title: 'Concert', price: 20, version: 0 };
  const { erasures, ...others } = deps();
  const orders = createOrderStore(
    orderModel(database),
    ticketModel(database),
    leaveToSweep(() => now),
  );
  const { order: bought, event } = transitions.place({ id: newId(), userId, ticket, holdMs: 1_000 }, context);
  const interrupted = {
    ...erasures,
    async erase(...erasure: Parameters<typeof erasures.erase>) {
      await erasures.erase(...erasure);
      if (!(await orders.findById(bought.id))) await orders.insert(bought, event);
    },
  };
  const outcome = await forgetUser({ ...others, erasures: interrupted }, userId);
  expect(outcome).toMatchObject({ kind: 'left' });
  expect(outcome.obstacles).toEqual([
    { orderId: bought.id, kind: 'pending' },
    { orderId: bought.id, kind: 'event_waits' },
  ]);
  expect(await stored(bought.id)).toMatchObject({ userId });
  expect(await stored(order.id)).toMatchObject({ userId: outcome.alias });
});

test('When an order has changed since it was read, then it is not written', async () => {
  const userId = newId();
  const order = await place(userId);
  const { erasures } = deps();
  const cancelled = await past.change(transitions.cancel(order, context));
  const pages = [];
  for await (const page of erasures.ofUser(userId)) pages.push(...page);
  // Its event has left, and its version is the same: only the refund, which is open, needs the id.
  await past.change(transitions.requireRefund(cancelled, payment, 'order_cancelled', context));
  await erasures.erase(userId, 'erased-1', pages);
  expect(await stored(order.id)).toMatchObject({ userId });
});

test('When a payment that read its order before writes an event with the id, then it is left until the event is sent', async () => {
  const userId = newId();
  const order = await place(userId);
  const cancelled = await past.change(transitions.cancel(order, context));
  const { erasures, ...others } = deps();
  const late = {
    ...erasures,
    async erase(...erasure: Parameters<typeof erasures.erase>) {
      await erasures.erase(...erasure);
      await past.orders.apply(transitions.requireRefund(cancelled, payment, 'order_cancelled', context));
    },
  };
  const obstacles = [{ orderId: order.id, kind: 'event_waits' }];
  const outcome = await forgetUser({ ...others, erasures: late }, userId);
  expect(outcome).toMatchObject({ kind: 'left', obstacles });
  expect(await stored(order.id)).toMatchObject({ userId: outcome.alias, outbox: [{ data: { userId } }] });
  expect(await forgetUser(deps(), userId)).toMatchObject({ kind: 'refused', obstacles });
  await past.acknowledge();
  expect(await forgetUser(deps(), userId)).toMatchObject({ kind: 'forgotten', obstacles: [] });
});
