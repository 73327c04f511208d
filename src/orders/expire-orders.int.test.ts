import { newId } from '../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';
import { ensureIndexes } from '../database/indexes.ts';
import { leaveToSweep } from '../outbox/outbox-notifier.ts';
import { ticketModel } from '../tickets/ticket-model.ts';
import { type ExpireOrdersParts, expireOnHint, expireOverdueOrders } from './expire-orders.ts';
import { cancelled, paid, placed } from './order-change.ts';
import { type OrderModel, orderCollection, orderModel } from './order-model.ts';
import { createOrderStore } from './order-store.ts';

const start = new Date('2030-01-01T00:00:00Z');
const holdMs = 1_000;
let now = start;
let model: OrderModel;
let parts: ExpireOrdersParts;

beforeAll(async () => {
  const database = await openDatabase(testConfig());
  await ensureIndexes([orderCollection(database)]);
  model = orderModel(database);
  parts = {
    orders: createOrderStore(
      model,
      ticketModel(database),
      leaveToSweep(() => now),
    ),
    clock: () => now,
  };
});

beforeEach(async () => {
  now = start;
  await model.deleteMany({});
});

async function place(placedAt = start) {
  const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
  const { order, event } = placed({ id: newId(), userId: 'u1', ticket, holdMs }, { now: placedAt });
  await parts.orders.insert(order, event);
  return order;
}

test('When 120 orders are overdue and others are not, then one pass expires exactly the overdue ones, once', async () => {
  const overdue = await Promise.all(Array.from({ length: 120 }, () => place()));
  const [later, paidOrder, cancelledOrder] = [
    await place(new Date(+start + 1)),
    await place(),
    await place(),
  ];
  await parts.orders.apply(paid(paidOrder, { id: 'pay_1', stripeChargeId: 'ch_1' }, { now }));
  await parts.orders.apply(cancelled(cancelledOrder, { now }));
  now = new Date(+start + holdMs);
  expect(await expireOverdueOrders(parts)).toBe(120);
  expect(await expireOverdueOrders(parts)).toBe(0);

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
  expect(await parts.orders.findById(later.id)).toMatchObject({ status: 'pending', version: 0 });
});

test('When several sweeps run at once, then each order expires once', async () => {
  await Promise.all(Array.from({ length: 60 }, () => place()));
  now = new Date(+start + holdMs);
  const counts = await Promise.all([1, 2, 3].map(() => expireOverdueOrders(parts)));
  expect(counts.reduce((sum, count) => sum + count)).toBe(60);
  expect(await model.countDocuments({ status: 'expired', version: 1, outbox: { $size: 2 } })).toBe(60);
});

test('When one order cannot be expired, then the others are, and the pass fails', async () => {
  const orders = await Promise.all([place(), place(), place()]);
  now = new Date(+start + holdMs);
  const apply: typeof parts.orders.apply = (change) =>
    change.from.id === orders[0]?.id ? Promise.reject(new Error('no')) : parts.orders.apply(change);
  const pass = expireOverdueOrders({ ...parts, orders: { ...parts.orders, apply } });
  await expect(pass).rejects.toThrow('1 orders could not be expired');
  expect(await model.countDocuments({ status: 'expired' })).toBe(2);
});

test('When a hint comes, then only an overdue order expires, and only once', async () => {
  const order = await place();
  now = new Date(+start + holdMs - 1);
  expect(await expireOnHint(parts, order.id)).toBe('not_due');
  now = new Date(+start + holdMs);
  const hints = await Promise.all(Array.from({ length: 10 }, () => expireOnHint(parts, order.id)));
  expect(hints.filter((outcome) => outcome === 'expired')).toHaveLength(1);
  expect(await parts.orders.findById(order.id)).toMatchObject({ status: 'expired', version: 1 });
  expect(await expireOnHint(parts, newId())).toBe('unknown_order');
});
