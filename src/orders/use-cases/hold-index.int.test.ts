import mongoose from 'mongoose';
import pino from 'pino';
import { signedIn, storeTicket } from '../../../tests/support/buyer.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  startTestService,
  testConfig,
} from '../../../tests/support/running-service.ts';
import { scrape, sumOf } from '../../../tests/support/scrape.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { createHoldIndexStore } from '../store/hold-index-store.ts';
import { orderCollection } from '../store/order-indexes.ts';
import { watchHoldIndex } from './hold-index.ts';

const name = 'one_holder_per_ticket';
const lookMs = { withinMs: 15_000, everyMs: 100 };

async function rig() {
  const database = await openDatabase(testConfig());
  const indexed = orderCollection(database);
  await ensureIndexes([indexed]);
  const logged: Record<string, unknown>[] = [];
  const log = pino(
    {},
    { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const build = jest.fn(() => ensureIndexes([indexed]));
  const replica = () =>
    watchHoldIndex({ index: createHoldIndexStore(database), build, clock: () => new Date(), log });
  const orders = database.collection('orders');
  const ticketId = new mongoose.Types.ObjectId();
  const holder = () => ({
    _id: new mongoose.Types.ObjectId(),
    ticketId,
    holdsTicket: true,
    status: 'pending',
  });
  const namesOf = async () => (await orders.listIndexes().toArray()).map((index) => String(index['name']));
  return { orders, replica, build, logged, holder, namesOf };
}

test('When the index is there under another name, then nothing is missing, at the start neither', async () => {
  const { orders, replica, build, namesOf } = await rig();
  await orders.dropIndex(name);
  await orders.createIndex(
    { ticketId: 1 },
    { name: 'of_the_operator', unique: true, partialFilterExpression: { holdsTicket: true } },
  );
  const guard = replica();
  await guard.check();
  expect(guard.isUp()).toBe(true);
  expect(build).not.toHaveBeenCalled();
  await build();
  expect(await namesOf()).not.toContain(name);
});

test.each([
  ['is not unique', { partialFilterExpression: { holdsTicket: true } }],
  ['has another filter', { unique: true, partialFilterExpression: { status: 'paid' } }],
])('When only an index is there that %s, then it is missing', async (_, options) => {
  const { orders, replica } = await rig();
  await orders.dropIndex(name);
  await orders.createIndex({ ticketId: 1 }, { name: 'other', ...options });
  const guard = replica();
  // It is in the way of the right one, too: an operator has to drop it.
  await expect(guard.check()).rejects.toThrow('drop it');
  expect(guard.isUp()).toBe(false);
  expect(() => guard.throwIfMissing()).toThrow('missing');
});

test('When the index is dropped, then one replica builds it again, and the other waits for that', async () => {
  const { orders, replica, build, namesOf, logged } = await rig();
  await orders.dropIndex(name);
  const [first, second] = [replica(), replica()];
  const gates: (() => void)[] = [];
  const gate = () => new Promise<void>((resolve) => void gates.push(resolve));
  const real = build.getMockImplementation();
  build.mockImplementation(async () => {
    await gate();
    await real?.();
    // As it is while it is being built: listed already.
    await gate();
  });
  const building = first.check();
  await eventually(() => gates.length === 1);
  await second.check();
  gates[0]?.();
  await eventually(() => gates.length === 2);
  expect(await namesOf()).toContain(name);
  const third = replica();
  await Promise.all([second.check(), third.check()]);
  const replicas = [first, second, third];
  expect(replicas.map(({ isUp }) => isUp())).toEqual([false, false, false]);
  gates[1]?.();
  await building;
  await Promise.all([second.check(), third.check()]);
  expect(replicas.map(({ isUp }) => isUp())).toEqual([true, true, true]);
  expect(build).toHaveBeenCalledTimes(1);
  expect(logged.map(({ msg }) => msg)).toContain('the index of the holds is there again');
});

test('When a ticket has two holders by then, then the index is not built, and the orders are named once', async () => {
  const { orders, replica, logged, holder, namesOf } = await rig();
  await orders.dropIndex(name);
  const two = [holder(), holder()];
  await orders.insertMany(two);
  const guard = replica();
  await guard.check();
  await guard.check();
  expect(guard.isUp()).toBe(false);
  expect(await namesOf()).not.toContain(name);
  const named = logged.filter(({ orderIds }) => orderIds);
  expect(named).toHaveLength(1);
  expect(new Set(named[0]?.['orderIds'] as string[])).toEqual(new Set(two.map(({ _id }) => String(_id))));

  await orders.deleteOne({ holdsTicket: true, ticketId: two[0]?.ticketId ?? null });
  await guard.check();
  expect(guard.isUp()).toBe(true);
  expect(await namesOf()).toContain(name);
});

test('When the index is dropped while the service runs, then nothing takes a hold until it is back, and the rest is served', async () => {
  const config = testConfig({ orderHoldMs: 1_000 });
  const database = await openDatabase(config);
  const { url } = await startTestService(config);
  const peer = await connectPeer(config);
  const orders = database.collection('orders');
  const buyer = signedIn();
  const buy = async (ticketId: string) => {
    const headers = { ...buyer, 'Content-Type': 'application/json' };
    return fetch(`${url}/api/orders`, { method: 'POST', headers, body: JSON.stringify({ ticketId }) });
  };
  const ready = async () => (await (await fetch(`${url}/readyz`)).json()) as Record<string, unknown>;
  const { id } = (await (await buy(await storeTicket(database))).json()) as { id: string };
  const late = () => orders.findOne({ _id: new mongoose.Types.ObjectId(id) });
  await eventually(async () => (await late())?.['status'] === 'expired');
  expect(await ready()).not.toHaveProperty('holdIndex');

  await orders.dropIndex(name);
  const ticketId = new mongoose.Types.ObjectId();
  const two = [1, 2].map(() => ({ _id: new mongoose.Types.ObjectId(), ticketId, holdsTicket: true }));
  await orders.insertMany(two);
  await eventually(async () => (await ready())['holdIndex'] === 'missing', lookMs);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(sumOf(await scrape(url), 'orders_hold_index_up')).toBe(0);
  const another = await storeTicket(database);
  const refused = await buy(another);
  expect([refused.status, await refused.json()]).toMatchObject([503, { errors: [{ code: 'unavailable' }] }]);
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  expect((await fetch(`${url}/api/orders`, { headers: buyer })).status).toBe(200);

  await peer.publish('payment:created', { id: 'pay', orderId: id, stripeChargeId: 'ch' });
  const outages = async () =>
    sumOf(await scrape(url), 'orders_message_handling_seconds_count', { outcome: 'outage' }) ?? 0;
  await eventually(async () => (await outages()) > 0);
  expect(await late()).toMatchObject({ status: 'expired', payments: [] });

  await orders.deleteOne({ holdsTicket: true, ticketId: two[0]?.ticketId ?? null });
  await eventually(async () => (await buy(another)).status === 201, lookMs);
  expect(await ready()).not.toHaveProperty('holdIndex');
}, 60_000);
