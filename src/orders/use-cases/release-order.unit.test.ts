import { changed } from '../../../tests/support/memory-order-store.ts';
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
