import mongoose from 'mongoose';
import { changed, memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import type { Order } from '../domain/order.ts';
import * as transitions from '../domain/transitions.ts';
import { planRelease, releaseOrder } from './release-order.ts';

const clock = () => new Date(Date.UTC(2030, 0, 1));
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order: fresh } = transitions.place(
  { id: 'a'.repeat(24), userId: 'u', ticket, holdMs: 1_000 },
  { now: clock() },
);
const paid = changed(fresh, transitions.pay(fresh, { id: 'p1' }, { now: clock() }));

const depsOf = (order: Order) => ({
  clock,
  orders: { findById: async () => order, apply: async () => order },
});

test.each([
  [
    'no payment bought it',
    { ...paid, payments: [], history: paid.history.map(({ paymentId: _, ...old }) => old) },
    'is paid, but by no payment',
  ],
  ['the payment that bought it is not stored', { ...paid, payments: [] }, 'has no payment p1'],
])('When an order is paid and %s, then the plan fails as the release does', async (_, order, problem) => {
  const failed = { kind: 'failed', problem: `order ${order.id} ${problem}` };
  expect(await releaseOrder(depsOf(order), order.id, 'a broken seat')).toEqual(failed);
  expect(await planRelease(depsOf(order), order.id)).toEqual(failed);
});

test('When an order is pending, or paid by a payment, then the plan is to release it', async () => {
  for (const order of [fresh, paid])
    expect(await planRelease(depsOf(order), order.id)).toEqual({ kind: 'release', order });
});

test('When a release was written and another change followed before it was read again, then it is released', async () => {
  let stored = paid;
  const orders: Parameters<typeof releaseOrder>[0]['orders'] = {
    findById: async () => stored,
    async apply(change) {
      stored = changed(stored, change);
      return 'outdated';
    },
  };
  expect(await releaseOrder({ clock, orders }, paid.id, 'a broken seat')).toEqual({
    kind: 'released',
    from: 'paid',
    order: stored,
  });
});

test('When a pending or a paid order is released, then the reason is kept, and only for the paid one money is asked back, after one read', async () => {
  for (const order of [fresh, paid]) {
    const model = memoryOrderStore();
    model.put(order);
    const findById = jest.fn(model.store.findById);
    const deps = { clock, orders: { ...model.store, findById } };
    const outcome = await releaseOrder(deps, order.id, 'a broken seat');
    expect(outcome).toEqual({ kind: 'released', from: order.status, order: model.order(order.id) });
    expect(findById).toHaveBeenCalledTimes(1);
    expect(model.order(order.id)?.history.at(-1)).toMatchObject({
      cause: 'operator',
      reason: 'a broken seat',
    });
    expect(model.events.map(({ subject }) => subject)).toEqual(
      order === paid ? ['order:cancelled', 'order:refund-required'] : ['order:cancelled'],
    );
  }
});

test('When there is no such order, or it has let its ticket go, then nothing is released, and the plan says so, too', async () => {
  const model = memoryOrderStore();
  const deps = { clock, orders: model.store };
  const nowhere = { kind: 'not_found' };
  expect([await planRelease(deps, fresh.id), await releaseOrder(deps, fresh.id, 'why')]).toEqual([
    nowhere,
    nowhere,
  ]);
  model.put(changed(fresh, transitions.cancel(fresh, { now: clock() })));
  const gone = { kind: 'nothing_to_release', status: 'cancelled' };
  expect([await planRelease(deps, fresh.id), await releaseOrder(deps, fresh.id, 'why')]).toEqual([
    gone,
    gone,
  ]);
  expect(model.events).toEqual([]);
});

test('When an order is paid while it is released, then it is released as paid', async () => {
  const model = memoryOrderStore();
  model.put(fresh);
  let writes = 0;
  const apply: typeof model.store.apply = async (change) => {
    if (writes++ === 0) await model.store.apply(transitions.pay(fresh, { id: 'p1' }, { now: clock() }));
    return model.store.apply(change);
  };
  const outcome = await releaseOrder({ clock, orders: { ...model.store, apply } }, fresh.id, 'why');
  expect(outcome).toMatchObject({
    kind: 'released',
    from: 'paid',
    order: { status: 'cancelled', version: 2 },
  });
  expect(model.order(fresh.id)?.payments).toMatchObject([{ id: 'p1', refund: 'operator' }]);
});

test('When others change an order at every attempt, then its release fails and says so', async () => {
  const orders = { findById: async () => fresh, apply: async () => 'outdated' as const };
  expect(await releaseOrder({ clock, orders }, fresh.id, 'why')).toEqual({
    kind: 'failed',
    problem: 'it was changed by others at every attempt',
  });
});

test('When the order is gone as its release is tried again, then there is nothing to release', async () => {
  let reads = 0;
  const findById = async () => (reads++ === 0 ? fresh : undefined);
  const orders = { findById, apply: async () => 'outdated' as const };
  expect(await releaseOrder({ clock, orders }, fresh.id, 'why')).toEqual({ kind: 'not_found' });
});

test('When the database is away, then neither the plan nor the release says anything of the order', async () => {
  const findById = () => Promise.reject(new mongoose.mongo.MongoNetworkError('the database is away'));
  const deps = { clock, orders: { findById, apply: async () => fresh } };
  await expect(planRelease(deps, fresh.id)).rejects.toThrow('the database is away');
  await expect(releaseOrder(deps, fresh.id, 'why')).rejects.toThrow('the database is away');
});
