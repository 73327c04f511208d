import mongoose from 'mongoose';
import pino from 'pino';
import { newId } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { leaveToSweep } from '../../outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { createRetrySchedule } from '../../platform/time/retry-schedule.ts';
import { ticketModel } from '../../tickets/store/ticket-model.ts';
import * as transitions from '../domain/transitions.ts';
import { orderCollection } from '../store/order-indexes.ts';
import { type OrderModel, orderModel } from '../store/order-model.ts';
import { createOrderStore } from '../store/order-store.ts';
import type { ExpireOrdersDeps } from './expire-each.ts';
import { expireOnHint, expireOverdueOrders } from './expire-orders.ts';
import { createExpirySweep } from './expiry-sweep.ts';

const start = new Date('2030-01-01T00:00:00Z');
const holdMs = 1_000;
let now = start;
let model: OrderModel;
let deps: ExpireOrdersDeps;
let logged: Record<string, unknown>[] = [];

beforeAll(async () => {
  const database = await openDatabase(testConfig());
  await ensureIndexes([orderCollection(database)]);
  model = orderModel(database);
  const notifier = leaveToSweep(() => now);
  deps = { orders: createOrderStore(model, ticketModel(database), notifier), ...newRetries() };
});

/** What a process that has just been started knows of failures: nothing. */
function newRetries() {
  const clock = () => now;
  logged = [];
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
  return { clock, retries: createRetrySchedule({ kind: 'overdue order', clock, log }) };
}

beforeEach(async () => {
  now = start;
  deps = { ...deps, ...newRetries() };
  await model.deleteMany({});
});

async function place(placedAt = start) {
  const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
  const { order, event } = transitions.place(
    { id: newId(), userId: 'u1', ticket, holdMs },
    { now: placedAt },
  );
  await deps.orders.insert(order, event);
  return order;
}

test('When 120 orders are overdue and others are not, then one pass expires exactly the overdue ones, once', async () => {
  const overdue = await Promise.all(Array.from({ length: 120 }, () => place()));
  const [later, paidOrder, cancelledOrder] = [
    await place(new Date(+start + 1)),
    await place(),
    await place(),
  ];
  await deps.orders.apply(transitions.pay(paidOrder, { id: 'pay_1', stripeChargeId: 'ch_1' }, { now }));
  await deps.orders.apply(transitions.cancel(cancelledOrder, { now }));
  now = new Date(+start + holdMs);
  expect(await expireOverdueOrders(deps)).toBe(120);
  expect(await expireOverdueOrders(deps)).toBe(0);

  const expired = await model.find({ status: 'expired' }).lean();
  expect(expired.map(({ _id }) => String(_id)).sort()).toEqual(overdue.map(({ id }) => id).sort());
  for (const { version, holdsTicket, history, outbox, _id } of expired) {
    expect({ version, holdsTicket }).toEqual({ version: 1, holdsTicket: undefined });
    expect(history).toMatchObject([{ version: 0 }, { version: 1, cause: 'expiry', at: now }]);
    expect(outbox).toMatchObject([
      { subject: 'order:created' },
      { subject: 'order:cancelled', eventId: `${_id}:1`, data: { status: 'expired', version: 1 } },
    ]);
  }
  expect(await deps.orders.findById(later.id)).toMatchObject({ status: 'pending', version: 0 });
});

test('When several sweeps run at once, then each order expires once', async () => {
  await Promise.all(Array.from({ length: 60 }, () => place()));
  now = new Date(+start + holdMs);
  const counts = await Promise.all([1, 2, 3].map(() => expireOverdueOrders(deps)));
  expect(counts.reduce((sum, count) => sum + count)).toBe(60);
  expect(await model.countDocuments({ status: 'expired', version: 1, outbox: { $size: 2 } })).toBe(60);
});

/** As a hand-made repair may leave them. None can be expired. */
const spoilt: [string, Record<string, unknown>][] = [
  ['has a history that is text', { history: 'expired by hand' }],
  ['has an outbox that is text', { outbox: '[]' }],
  ['has a version that is text', { version: '0' }],
  ['has a ticket id that is text', { ticketId: newId() }],
];

/** Many at once, past the service; `fields` stand in the place of what is usual. */
async function storeMany(count: number, { placedAt = start, ...fields }: Record<string, unknown> = {}) {
  const at = placedAt as Date;
  const records = Array.from({ length: count }, () => {
    const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
    const { order } = transitions.place({ id: newId(), userId: 'u1', ticket, holdMs }, { now: at });
    const { id, ticketId, ...rest } = order;
    const { ObjectId } = mongoose.Types;
    return {
      _id: new ObjectId(id),
      ticketId: new ObjectId(ticketId),
      holdsTicket: true,
      outbox: [],
      ...rest,
      ...fields,
    };
  });
  for (let first = 0; first < count; first += 1_000)
    await model.collection.insertMany(records.slice(first, first + 1_000));
  return records.map(({ _id }) => String(_id));
}

const statusOf = async ({ id }: { id: string }) => (await deps.orders.findById(id))?.status;

test('When 60 that are overdue for longer cannot be changed, then one pass expires the sound ones behind them', async () => {
  const broken = await storeMany(60, { history: 'expired by hand' });
  const sound = [await place(new Date(+start + 1)), await place(new Date(+start + 2))];
  now = new Date(+start + 2 * holdMs);
  expect(await expireOverdueOrders(deps)).toBe(2);
  expect(await Promise.all(sound.map(statusOf))).toEqual(['expired', 'expired']);
  expect(deps.retries.failing()).toEqual({ kind: 'overdue order', count: 60, since: now });
  expect(new Set(logged.map(({ id }) => id))).toEqual(new Set(broken));
});
test.each(spoilt)(
  'When an overdue order %s, then it is left for a while, and others expire',
  async (_, fields) => {
    const [broken] = await storeMany(1, fields);
    const sound = await place();
    now = new Date(+start + holdMs);
    expect(await expireOverdueOrders(deps)).toBe(1);
    expect(await statusOf(sound)).toBe('expired');
    expect(logged.map(({ id }) => id)).toEqual([broken]);
    expect(await model.collection.findOne({ _id: new mongoose.Types.ObjectId(broken) })).toMatchObject(
      fields,
    );
  },
);

test('When an order that failed is mended, then the sweep expires it after its pause, and says so', async () => {
  const [broken] = await storeMany(1, { history: 'expired by hand' });
  const _id = new mongoose.Types.ObjectId(broken);
  now = new Date(+start + holdMs);
  const sweep = createExpirySweep(deps, () => undefined);
  await sweep();
  await model.collection.updateOne({ _id }, { $set: { history: [] } });
  now = new Date(+now + 1_999);
  await sweep();
  expect(await model.countDocuments({ status: 'pending' })).toBe(1);
  now = new Date(+now + 1);
  await sweep();
  expect(await model.countDocuments({ status: 'expired' })).toBe(1);
  expect(logged.map(({ id, msg }) => ({ id, msg }))).toEqual([
    { id: broken, msg: 'item failed, it is left for a while and tried again' },
    { id: broken, msg: 'item works again' },
  ]);
  expect(deps.retries.failing().count).toBe(0);
});

test('When an order that failed is gone or paid, then it is no longer failing', async () => {
  const [gone, held] = await storeMany(2, { history: 'expired by hand' });
  now = new Date(+start + holdMs);
  await expireOverdueOrders(deps);
  expect(deps.retries.failing().count).toBe(2);
  await model.collection.deleteOne({ _id: new mongoose.Types.ObjectId(gone) });
  const paidByHand = { $set: { status: 'paid' as const } };
  await model.collection.updateOne({ _id: new mongoose.Types.ObjectId(held) }, paidByHand);
  now = new Date(+now + 2_000);
  await createExpirySweep(deps, () => undefined)();
  expect(deps.retries.failing().count).toBe(0);
});

test('When many have failed, then a pass of the sweep tries 20 of them again', async () => {
  await storeMany(60, { history: 'expired by hand' });
  now = new Date(+start + holdMs);
  await expireOverdueOrders(deps);
  now = new Date(+now + 60_000);
  const tried: string[] = [];
  const apply: typeof deps.orders.apply = (change) => {
    tried.push(change.expected.id);
    return deps.orders.apply(change);
  };
  const watched = { ...deps, orders: { ...deps.orders, apply } };
  expect(await expireOverdueOrders(watched)).toBe(0);
  expect(tried).toEqual([]);
  const sweep = createExpirySweep(watched, () => undefined);
  await sweep();
  expect(new Set(tried).size).toBe(20);
  await sweep();
  expect(new Set(tried).size).toBe(40);
});

/** The passes of a store that does with the changes of these orders what `outcome` says, or fails with it. */
function withOutcome(outcome: 'outdated' | Error): ExpireOrdersDeps {
  const apply = () => (outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome));
  return { ...deps, orders: { ...deps.orders, apply } };
}

test('When the database is away, then no order is taken for failing, and the next pass has them all', async () => {
  const away = withOutcome(new mongoose.mongo.MongoNetworkError('away'));
  const orders = { ...away.orders };
  const sweep = createExpirySweep({ ...away, orders }, () => undefined);
  await place();
  now = new Date(+start + holdMs);
  await expect(sweep()).rejects.toThrow('away');
  await expect(expireOverdueOrders(away)).rejects.toThrow('away');
  expect(logged).toEqual([]);
  now = new Date(+now + 60_000);
  orders.apply = deps.orders.apply;
  await sweep();
  expect(await model.countDocuments({ status: 'expired' })).toBe(1);
});

test('When somebody else changes an order at the same time, then it is not taken for failing', async () => {
  await place();
  now = new Date(+start + holdMs);
  expect(await expireOverdueOrders(withOutcome('outdated'))).toBe(0);
  expect(deps.retries.failing().count).toBe(0);
});

test('When the service is stopped in a long pass, then the pass ends after the orders in hand', async () => {
  await storeMany(600);
  now = new Date(+start + holdMs);
  const ending = new AbortController();
  const apply: typeof deps.orders.apply = (change) => {
    ending.abort();
    return deps.orders.apply(change);
  };
  const stopped = { ...deps, orders: { ...deps.orders, apply } };
  expect(await expireOverdueOrders(stopped, ending.signal)).toBe(250);
  await createExpirySweep(stopped, () => undefined)(ending.signal);
  expect(await model.countDocuments({ status: 'expired' })).toBe(500);
});

test('When a hint comes, then only an overdue order expires, and only once', async () => {
  const order = await place();
  now = new Date(+start + holdMs - 1);
  expect(await expireOnHint(deps, order.id)).toBe('not_due');
  now = new Date(+start + holdMs);
  const hints = await Promise.all(Array.from({ length: 10 }, () => expireOnHint(deps, order.id)));
  expect(hints.filter((outcome) => outcome === 'expired')).toHaveLength(1);
  expect(await deps.orders.findById(order.id)).toMatchObject({ status: 'expired', version: 1 });
  expect(await expireOnHint(deps, newId())).toBe('unknown_order');
});

test('When 10,000 that fail are overdue, then an order whose time ends now expires in one pass of the sweep', async () => {
  await storeMany(10_000, { history: 'expired by hand' });
  const isLeft = jest.fn();
  const soundEnds = async (ms: number) => {
    const order = await place(new Date(+start + ms));
    now = new Date(+start + ms + holdMs);
    return order;
  };

  // They have just failed for the first time, and are more than one pass can try.
  const sound = await soundEnds(1);
  await createExpirySweep(deps, isLeft)();
  expect(await statusOf(sound)).toBe('expired');
  expect(isLeft).toHaveBeenCalledTimes(1);
  expect(deps.retries.failing().count).toBeLessThan(500);

  // They are old, and this process has just started: it does not know of them, and need not.
  Object.assign(deps, newRetries());
  const later = await soundEnds(60_000);
  await createExpirySweep(deps, isLeft)();
  expect(await statusOf(later)).toBe('expired');
  expect(isLeft).toHaveBeenCalledTimes(1);
  expect(deps.retries.failing().count).toBe(0);
}, 60_000);
