import { memoryOrderStore } from '../../tests/support/memory-order-store.ts';
import { expireOnHint, expireOverdueOrders } from './expire-orders.ts';
import { cancelled, paid, placed } from './order-change.ts';

const start = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(start.getTime() + ms);
const holdMs = 1_000;
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const id = (index: number) => index.toString(16).padStart(24, '0');

/** An order of a ticket of its own, placed `ms` after the start. */
const place = (index: number, ms = 0) => {
  const ticket = { id: id(0x1000 + index), title: 'Concert', price: 20, version: 3 };
  return placed({ id: id(index), userId: 'anna', ticket, holdMs }, { now: at(ms) }).order;
};

function stored(count: number) {
  const model = memoryOrderStore();
  model.put(...Array.from({ length: count }, (_, index) => place(index)));
  return model;
}

test('When holds have ended, then each expires once, by its time alone, and no other order changes', async () => {
  const model = stored(3);
  model.put(place(3, 1));
  await model.store.apply(paid(place(1), payment, { now: at(1) }));
  await model.store.apply(cancelled(place(2), { now: at(2) }));
  model.events.length = 0;
  const parts = { orders: model.store, clock: () => at(holdMs) };
  expect(await expireOverdueOrders(parts)).toBe(1);
  expect(model.orders().map(({ status }) => status)).toEqual(['expired', 'paid', 'cancelled', 'pending']);
  expect(model.order(id(0))?.history.at(-1)).toEqual({
    status: 'expired',
    version: 1,
    at: at(holdMs),
    cause: 'expiry',
  });
  expect(await expireOverdueOrders(parts)).toBe(0);
  expect(model.events).toMatchObject([
    { subject: 'order:cancelled', data: { id: id(0), status: 'expired' } },
  ]);
});

test.each([49, 50, 51, 120])('When %i holds have ended, then one pass ends them all', async (count) => {
  const model = stored(count);
  expect(await expireOverdueOrders({ orders: model.store, clock: () => at(holdMs) })).toBe(count);
  expect(model.orders().every(({ status }) => status === 'expired')).toBe(true);
});

test('When an order is paid between reading and writing, then it is left alone and not counted', async () => {
  const model = stored(2);
  const findOverdue: typeof model.store.findOverdue = async (...args) => {
    const found = await model.store.findOverdue(...args);
    if (found.length > 0) await model.store.apply(paid(place(0), payment, { now: at(1) }));
    return found;
  };
  const parts = { orders: { ...model.store, findOverdue }, clock: () => at(holdMs) };
  expect(await expireOverdueOrders(parts)).toBe(1);
  expect(model.order(id(0))).toMatchObject({ status: 'paid', version: 1 });
});

test('When the loop is being ended, then a pass leaves the rest of a backlog to another', async () => {
  const model = stored(120);
  const ending = new AbortController();
  const apply: typeof model.store.apply = (change) => {
    ending.abort();
    return model.store.apply(change);
  };
  const parts = { orders: { ...model.store, apply }, clock: () => at(holdMs) };
  const expired = await expireOverdueOrders(parts, ending.signal);
  expect(expired).toBeGreaterThan(0);
  expect(expired).toBeLessThan(120);
  expect(model.orders().filter(({ status }) => status === 'expired')).toHaveLength(expired);
});

test('When somebody says that the time is over, then the order expires if that is so', async () => {
  const model = stored(1);
  const hint = (ms: number, orderId = id(0)) =>
    expireOnHint({ orders: model.store, clock: () => at(ms) }, orderId);
  expect(await hint(holdMs - 1)).toBe('not_due');
  expect(model.order(id(0))).toEqual(place(0));
  expect(await hint(holdMs, id(7))).toBe('unknown_order');
  expect(await hint(holdMs)).toBe('expired');
  expect(model.order(id(0))?.history.at(-1)).toMatchObject({ at: at(holdMs), cause: 'expiry' });
  expect(await hint(holdMs)).toBe('not_due');
  expect(model.events).toHaveLength(1);
});

test('When an order is paid between the hint and the write, then it was not due', async () => {
  const model = stored(1);
  const findById = async (orderId: string) => {
    const found = await model.store.findById(orderId);
    await model.store.apply(paid(place(0), payment, { now: at(1) }));
    return found;
  };
  const parts = { orders: { ...model.store, findById }, clock: () => at(holdMs) };
  expect(await expireOnHint(parts, id(0))).toBe('not_due');
});
