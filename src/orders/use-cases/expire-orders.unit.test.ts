import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import * as transitions from '../domain/transitions.ts';
import { expireOnHint } from './expire-orders.ts';

const start = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(start.getTime() + ms);
const holdMs = 1_000;
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const id = 'a'.repeat(24);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order } = transitions.place({ id, userId: 'anna', ticket, holdMs }, { now: start });

function stored() {
  const model = memoryOrderStore(ticket);
  model.put(order);
  return model;
}

test('When somebody says that the time is over, then the order expires if that is so', async () => {
  const model = stored();
  const hint = (ms: number, orderId = id) =>
    expireOnHint({ orders: model.store, clock: () => at(ms) }, orderId);
  expect(await hint(holdMs - 1)).toBe('not_due');
  expect(model.order(id)).toEqual(order);
  expect(await hint(holdMs, 'c'.repeat(24))).toBe('unknown_order');
  expect(await hint(holdMs)).toBe('expired');
  expect(model.order(id)?.history.at(-1)).toMatchObject({ at: at(holdMs), cause: 'expiry' });
  expect(await hint(holdMs)).toBe('not_due');
  expect(model.events).toHaveLength(1);
});

test('When an order is paid between the hint and the write, then it was not due', async () => {
  const model = stored();
  const findById = async (orderId: string) => {
    const found = await model.store.findById(orderId);
    await model.store.apply(transitions.pay(order, payment, { now: at(1) }));
    return found;
  };
  const parts = { orders: { ...model.store, findById }, clock: () => at(holdMs) };
  expect(await expireOnHint(parts, id)).toBe('not_due');
});
