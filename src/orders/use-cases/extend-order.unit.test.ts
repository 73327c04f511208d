import { asRequest } from '../../../tests/support/as-request.ts';
import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import type { OrderChange } from '../domain/order-change.ts';
import * as refunds from '../domain/refund-transitions.ts';
import * as transitions from '../domain/transitions.ts';
import { type ExtendOrderDeps, type ExtendOrderRequest, extendOrder } from './extend-order.ts';

const start = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(start.getTime() + ms);
const holdMs = 1_000;
const id = 'a'.repeat(24);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order } = transitions.place({ id, userId: 'anna', ticket, holdMs }, { now: start });
const payment = { id: 'pay_1' };
const request: ExtendOrderRequest = { userId: 'anna', orderId: id };

function stored(...changes: OrderChange[]) {
  const model = memoryOrderStore(ticket);
  model.put(order);
  const written = changes.reduce<Promise<unknown>>(
    (before, change) => before.then(() => model.store.apply(change)),
    Promise.resolve(),
  );
  const deps = (ms: number): ExtendOrderDeps => ({
    ...{ orders: model.store, clock: () => at(ms), extensionMs: holdMs, holdLimitMs: 2 * holdMs },
  });
  return { model, deps, written };
}

test('When a buyer asks for more time, then the hold ends later, and one event names the request', async () => {
  const { model, deps } = stored();
  const findById = jest.fn(model.store.findById);
  const reading = { ...deps(500), orders: { ...model.store, findById } };
  const outcome = await asRequest('req-1', () => extendOrder(reading, request));
  expect(outcome).toEqual({ kind: 'extended', order: model.order(id) });
  expect(findById).toHaveBeenCalledTimes(1);
  expect(model.order(id)).toMatchObject({
    ...{ status: 'pending', version: 0, expiresAt: at(1_500) },
    extensions: [{ n: 1, at: at(500), from: at(1_000), to: at(1_500) }],
  });
  expect(await extendOrder(deps(500), request)).toEqual(outcome);
  expect(model.events).toMatchObject([
    { subject: 'order:hold-extended', data: { correlationId: 'req-1', expiresAt: at(1_500).toJSON() } },
  ]);
});

test('When the hold is at its limit, then the outcome has its end', async () => {
  const { model, deps } = stored();
  await extendOrder(deps(800), request);
  await extendOrder(deps(1_700), request);
  expect(model.order(id)?.expiresAt).toEqual(at(2_000));
  expect(await extendOrder(deps(1_999), request)).toEqual({ kind: 'limit_reached', expiresAt: at(2_000) });
  expect(model.events).toHaveLength(2);
});

test('When the hold has ended, then the order expires, once', async () => {
  const { model, deps } = stored();
  const findById = jest.fn(model.store.findById);
  for (const ms of [1_000, 1_001]) {
    const reading = { ...deps(ms), orders: { ...model.store, findById } };
    expect(await extendOrder(reading, request)).toEqual({ kind: 'final', status: 'expired' });
  }
  // Once for each request: what was written is the answer.
  expect(findById).toHaveBeenCalledTimes(2);
  expect(model.order(id)).toMatchObject({ status: 'expired', version: 1, extensions: [] });
  expect(model.order(id)?.history.at(-1)).toMatchObject({ at: at(1_000), cause: 'expiry' });
  expect(model.events).toHaveLength(1);
});

test('When the order is of somebody else, or none, then nothing changes', async () => {
  const { model, deps } = stored();
  expect(await extendOrder(deps(500), { ...request, userId: 'bert' })).toEqual({ kind: 'not_owner' });
  expect(await extendOrder(deps(500), { ...request, orderId: 'd'.repeat(24) })).toEqual({
    kind: 'not_found',
  });
  expect(model.order(id)).toEqual(order);
});

const ends = [
  ['paid', transitions.pay(order, payment, { now: at(4) })],
  ['cancelled', transitions.cancel(order, { now: at(4) })],
  ['expired', transitions.expire(order, 'takeover', { now: at(4) })],
] as const;

test.each(ends)(
  'When the order is %s, or comes to be while it is extended, then it stays so',
  async (status, change) => {
    const before = stored(change);
    await before.written;
    expect(await extendOrder(before.deps(500), request)).toEqual({ kind: 'final', status });

    const { model, deps } = stored();
    let reads = 0;
    const findById = async (orderId: string) => {
      const found = await model.store.findById(orderId);
      if (reads++ === 0) await model.store.apply(change);
      return found;
    };
    const racing = { ...deps(500), orders: { ...model.store, findById } };
    expect(await extendOrder(racing, request)).toEqual({ kind: 'final', status });
    expect(model.order(id)).toMatchObject({ status, version: 1, expiresAt: order.expiresAt, extensions: [] });
    expect(model.events).toHaveLength(1);
  },
);

test.each([
  ['a payment is marked as given back', 'pending', refunds.markAhead],
  ['the order is paid', 'paid', transitions.pay],
] as const)(
  'When an extension to the limit was written and %s before it was read again, then the hold is extended',
  async (_, status, follow) => {
    const { model, deps } = stored();
    const orders = {
      ...model.store,
      async apply(change: OrderChange) {
        const written = await model.store.apply(change);
        if (typeof written === 'object')
          await model.store.apply(follow(written, payment, { now: at(1_000) }));
        return 'outdated' as const;
      },
    };
    const outcome = await extendOrder({ ...deps(999), orders, holdLimitMs: 1_500 }, request);
    expect(outcome).toEqual({ kind: 'extended', order: model.order(id) });
    expect(model.order(id)).toMatchObject({ status, expiresAt: at(1_500), extensions: [{ n: 1 }] });
  },
);

test('When every write comes too late, then the extension gives up and says so', async () => {
  const { model, deps } = stored();
  const orders = { ...model.store, apply: async () => 'outdated' as const };
  for (const ms of [500, holdMs])
    expect(await extendOrder({ ...deps(ms), orders }, request)).toEqual({ kind: 'conflict' });
});
