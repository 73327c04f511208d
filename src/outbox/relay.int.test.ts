import pino from 'pino';
import { newId } from '../../tests/support/buyer.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';
import { ensureIndexes } from '../database/indexes.ts';
import type { Order } from '../orders/order.ts';
import { cancelled, expired, paid, placed } from '../orders/order-change.ts';
import { type OrderModel, orderCollection, orderModel } from '../orders/order-model.ts';
import { createOrderStore } from '../orders/order-store.ts';
import { ticketModel } from '../tickets/ticket-model.ts';
import { createOutboxStore, type OutboxStore } from './outbox-store.ts';
import { createRelay, type Publication } from './relay.ts';

const config = testConfig();
const log = pino({ level: 'silent' });
let now: Date;
let model: OrderModel;
let outboxes: OutboxStore;

beforeAll(async () => {
  const database = await openDatabase(config);
  await ensureIndexes([orderCollection(database)]);
  model = orderModel(database);
  outboxes = createOutboxStore(model);
});

beforeEach(async () => {
  now = new Date('2030-01-01T00:00:00Z');
  await model.deleteMany({});
});

/** A broker that records what it is given, a relay that uses it and a store that hands over to the relay. */
function fakeStack({ store = outboxes }: { store?: OutboxStore } = {}) {
  const calls: string[] = [];
  const broker = {
    connected: true,
    answer: (_eventId: string): Promise<void> => Promise.resolve(),
    isConnected: (): boolean => broker.connected,
    onConnect: () => undefined,
    publish(_subject: string, message: string): Promise<void> {
      const { eventId } = JSON.parse(message) as { eventId: string };
      calls.push(eventId);
      return broker.answer(eventId);
    },
  };
  const published: Publication[] = [];
  const onPublish = (publication: Publication) => void published.push(publication);
  const relay = createRelay({ outboxes: store, broker, clock: () => now, log, onPublish });
  const orders = createOrderStore(model, ticketModel(model.db), relay);
  return { calls, broker, relay, orders, published };
}

function held(): { wait: () => Promise<void>; release: () => void } {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { wait: () => released, release: () => release() };
}

function newOrder() {
  const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
  return placed({ id: newId(), userId: 'u1', ticket, holdMs: 1_000 }, { now });
}

async function place(orders: ReturnType<typeof createOrderStore>): Promise<Order> {
  const { order, event } = newOrder();
  await orders.insert(order, event);
  return order;
}

const waiting = async ({ id }: Order) =>
  (await model.findById(id).lean())?.outbox.map(({ eventId }) => eventId);
const dueAt = async ({ id }: Order) => (await model.findById(id).lean())?.relayDueAt;
const emptied = async (order: Order) => (await waiting(order))?.length === 0;

test('When 50 orders are placed and cancelled at once, then every order’s events leave in version order', async () => {
  const { calls, broker, relay, orders } = fakeStack();
  const acknowledged: string[] = [];
  broker.answer = async (eventId) => {
    await new Promise(setImmediate);
    acknowledged.push(eventId);
  };
  relay.start();
  const placedOrders = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const order = await place(orders);
      await orders.apply(cancelled(order, { now }));
      return order;
    }),
  );
  for (const order of placedOrders) await eventually(() => emptied(order));
  await relay.stop();
  for (const { id } of placedOrders) {
    expect([...new Set(calls.filter((call) => call.startsWith(id)))]).toEqual([`${id}:0`, `${id}:1`]);
    expect(acknowledged.indexOf(`${id}:0`)).toBeLessThan(acknowledged.indexOf(`${id}:1`));
  }
});

test('When a crash has left an outbox behind, then a sweep sends it once it is due, and it is due no more', async () => {
  const { calls, relay } = fakeStack();
  const crashed = createOrderStore(model, ticketModel(model.db), {
    leaseEnd: () => new Date(now.getTime() + 10_000),
    written: () => undefined,
  });
  const order = await place(crashed);
  await crashed.apply(cancelled(order, { now }));
  await relay.sweep();
  expect(calls).toEqual([]);
  now = new Date(now.getTime() + 10_000);
  await Promise.all([relay.sweep(), fakeStack().relay.sweep(), relay.sweep()]);
  await eventually(() => emptied(order));
  expect(await model.findById(order.id).lean()).not.toHaveProperty('relayDueAt');
});

test('When two processes sweep at once, then one of them sends the outbox', async () => {
  const { orders, broker } = fakeStack();
  broker.connected = false;
  const order = await place(orders);
  const [one, two] = [fakeStack(), fakeStack()];
  await Promise.all([one.relay.sweep(), two.relay.sweep()]);
  expect([...one.calls, ...two.calls]).toEqual([`${order.id}:0`]);
});

test('When 128 events are unacknowledged, then a sweep sends more only as these are done', async () => {
  const { wait, release } = held();
  let claimed = 0;
  const store: OutboxStore = {
    ...outboxes,
    async claim(...wanted) {
      const taken = await outboxes.claim(...wanted);
      claimed += taken.length;
      return taken;
    },
  };
  const { calls, broker, relay, orders } = fakeStack({ store });
  broker.answer = wait;
  await Promise.all(Array.from({ length: 150 }, () => place(orders)));
  // Only the leases of those that found no room have run out: a sweep may look at 128 others otherwise.
  const underWay = calls.map((eventId) => eventId.slice(0, 24));
  await model.updateMany({ _id: { $nin: underWay } }, { $set: { relayDueAt: now } });
  const sweeping = relay.sweep();
  await eventually(() => claimed > 0, { withinMs: 30_000 });
  expect(calls).toHaveLength(128);
  release();
  await sweeping;
  await relay.sweep();
  expect(new Set(calls).size).toBe(150);
  await relay.stop();
}, 60_000);

test('When the broker refuses, then the event stays and is sent later', async () => {
  const { calls, broker, relay, orders, published } = fakeStack();
  broker.answer = () => Promise.reject(new Error('no'));
  const order = await place(orders);
  await relay.stop();
  expect(await waiting(order)).toEqual([`${order.id}:0`]);
  broker.answer = () => Promise.resolve();
  now = new Date(now.getTime() + 1_000);
  await relay.sweep();
  expect(calls).toEqual([`${order.id}:0`, `${order.id}:0`]);
  expect(await waiting(order)).toEqual([]);
  expect(await dueAt(order)).toBeUndefined();
  expect(published.map(({ subject, outcome }) => `${subject} ${outcome}`)).toEqual([
    'order:created failed',
    'order:created acknowledged',
  ]);
});

test('When an event is not acknowledged yet, then the next of its order is not sent, and others are', async () => {
  const { calls, broker, relay, orders } = fakeStack();
  const { wait, release } = held();
  const [slow, other] = [newOrder(), newOrder()];
  broker.answer = (eventId) => (eventId === slow.event.eventId ? wait() : Promise.resolve());
  await orders.insert(slow.order, slow.event);
  await orders.apply(cancelled(slow.order, { now }));
  await orders.insert(other.order, other.event);
  await relay.sweep();
  await eventually(() => emptied(other.order));
  expect(calls).toEqual([slow.event.eventId, other.event.eventId]);
  release();
  await relay.stop();
  // What was added meanwhile was not removed with the first, but sent after it.
  expect(calls).toEqual([slow.event.eventId, other.event.eventId, `${slow.order.id}:1`]);
  expect(await waiting(slow.order)).toEqual([]);
});

test('When three processes change one order in turn, then no event waits behind a lease that nobody uses', async () => {
  const { broker, relay, orders } = fakeStack();
  const second = fakeStack();
  const third = fakeStack();
  const { wait, release } = held();
  broker.answer = wait;
  second.broker.answer = () => Promise.reject(new Error('no'));
  const { order, event } = newOrder();
  await orders.insert(order, event);
  const gone = await second.orders.apply(expired(order, 'expiry', { now }));
  if (typeof gone !== 'object') throw new Error(gone);
  await second.relay.stop();
  await third.orders.apply(paid(gone, { id: 'pay', stripeChargeId: 'ch' }, { now }));
  await third.relay.stop();
  expect(third.calls).toEqual([0, 1, 2].map((version) => `${order.id}:${version}`));
  release();
  await relay.stop();
  expect(await waiting(order)).toEqual([]);
  expect(await dueAt(order)).toBeUndefined();
});

test('When the second of two events is refused, then only the first leaves the outbox', async () => {
  const { calls, broker, relay, orders } = fakeStack();
  broker.connected = false;
  const order = await place(orders);
  await orders.apply(cancelled(order, { now }));
  broker.connected = true;
  broker.answer = (eventId) => (eventId.endsWith(':1') ? Promise.reject(new Error('no')) : Promise.resolve());
  await relay.sweep();
  expect(calls).toEqual([`${order.id}:0`, `${order.id}:1`]);
  expect(await waiting(order)).toEqual([`${order.id}:1`]);
});

test('When an order changes while its removed event is still under way, then the new event goes without a lease’s wait', async () => {
  const { wait, release } = held();
  const slowStore: OutboxStore = { ...outboxes, remove: async (sent) => outboxes.remove(sent).then(wait) };
  const { calls, relay, orders } = fakeStack({ store: slowStore });
  relay.start();
  const order = await place(orders);
  await eventually(() => emptied(order));
  await orders.apply(cancelled(order, { now }));
  release();
  await eventually(() => calls.includes(`${order.id}:1`), { withinMs: 5_000 });
  await relay.stop();
});

test('When the relay is stopped, then what is due is sent for a last time', async () => {
  const { calls, broker, relay, orders } = fakeStack();
  broker.connected = false;
  const order = await place(orders);
  broker.connected = true;
  await relay.stop();
  expect(calls).toEqual([`${order.id}:0`]);
  expect(await waiting(order)).toEqual([]);
});

test('When the loop is being ended, then a sweep with much to do begins no further batch', async () => {
  const { calls, broker, relay, orders } = fakeStack();
  broker.connected = false;
  await Promise.all(Array.from({ length: 130 }, () => place(orders)));
  broker.connected = true;
  const ending = new AbortController();
  broker.answer = async () => ending.abort();
  await relay.sweep(ending.signal);
  expect(calls).toHaveLength(128);
  await relay.sweep();
  expect(new Set(calls).size).toBe(130);
});

test('When the broker is away, then the outbox is due at once and a sweep leaves it alone', async () => {
  const { calls, broker, relay, orders } = fakeStack();
  broker.connected = false;
  expect(relay.leaseEnd()).toEqual(now);
  const order = await place(orders);
  expect(await dueAt(order)).toEqual(now);
  await relay.sweep();
  expect(calls).toEqual([]);
  broker.connected = true;
  expect(relay.leaseEnd()).toEqual(new Date(now.getTime() + 10_000));
  await relay.sweep();
  expect(calls).toEqual([`${order.id}:0`]);
});
