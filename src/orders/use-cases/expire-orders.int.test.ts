import mongoose from 'mongoose';
import { newId } from '../../../tests/support/buyer.ts';
import {
  type ExpiringOrders,
  holdMs,
  start,
  startExpiringOrders,
} from '../../../tests/support/expiring-orders.ts';
import * as transitions from '../domain/transitions.ts';
import type { ExpireOrdersDeps } from './expire-each.ts';
import { expireOnHint, expireOverdueOrders } from './expire-orders.ts';
import { createExpirySweep } from './expiry-sweep.ts';

let rig: ExpiringOrders;
beforeAll(async () => {
  rig = await startExpiringOrders();
});
beforeEach(() => rig.reset());

test('When 120 orders are overdue and others are not, then one pass expires exactly the overdue ones, once', async () => {
  const overdue = await Promise.all(Array.from({ length: 120 }, () => rig.place()));
  const [later, paidOrder, cancelledOrder] = [
    await rig.place(new Date(+start + 1)),
    await rig.place(),
    await rig.place(),
  ];
  await rig.deps.orders.apply(
    transitions.pay(paidOrder, { id: 'pay_1', stripeChargeId: 'ch_1' }, { now: rig.now }),
  );
  await rig.deps.orders.apply(transitions.cancel(cancelledOrder, { now: rig.now }));
  rig.now = new Date(+start + holdMs);
  expect(await expireOverdueOrders(rig.deps)).toBe(120);
  expect(await expireOverdueOrders(rig.deps)).toBe(0);

  const expired = await rig.model.find({ status: 'expired' }).lean();
  expect(expired.map(({ _id }) => String(_id)).sort()).toEqual(overdue.map(({ id }) => id).sort());
  for (const { version, holdsTicket, history, outbox, _id } of expired) {
    expect({ version, holdsTicket }).toEqual({ version: 1, holdsTicket: undefined });
    expect(history).toMatchObject([{ version: 0 }, { version: 1, cause: 'expiry', at: rig.now }]);
    expect(outbox).toMatchObject([
      { subject: 'order:created' },
      { subject: 'order:cancelled', eventId: `${_id}:1`, data: { status: 'expired', version: 1 } },
    ]);
  }
  expect(await rig.deps.orders.findById(later.id)).toMatchObject({ status: 'pending', version: 0 });
});

test('When several sweeps run at once, then each order expires once', async () => {
  await Promise.all(Array.from({ length: 60 }, () => rig.place()));
  rig.now = new Date(+start + holdMs);
  const counts = await Promise.all([1, 2, 3].map(() => expireOverdueOrders(rig.deps)));
  expect(counts.reduce((sum, count) => sum + count)).toBe(60);
  expect(await rig.model.countDocuments({ status: 'expired', version: 1, outbox: { $size: 2 } })).toBe(60);
});

/** The passes of a store that does with the changes of these orders what `outcome` says, or fails with it. */
function withOutcome(outcome: 'outdated' | Error): ExpireOrdersDeps {
  const apply = () => (outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome));
  return { ...rig.deps, orders: { ...rig.deps.orders, apply } };
}

test('When the database is away, then no order is taken for failing, and the next pass has them all', async () => {
  const away = withOutcome(new mongoose.mongo.MongoNetworkError('away'));
  const orders = { ...away.orders };
  const sweep = createExpirySweep({ ...away, orders }, () => undefined);
  await rig.place();
  rig.now = new Date(+start + holdMs);
  await expect(sweep()).rejects.toThrow('away');
  await expect(expireOverdueOrders(away)).rejects.toThrow('away');
  expect(rig.logged).toEqual([]);
  rig.now = new Date(+rig.now + 60_000);
  orders.apply = rig.deps.orders.apply;
  await sweep();
  expect(await rig.model.countDocuments({ status: 'expired' })).toBe(1);
});

test('When somebody else changes an order at the same time, then it is not taken for failing', async () => {
  await rig.place();
  rig.now = new Date(+start + holdMs);
  expect(await expireOverdueOrders(withOutcome('outdated'))).toBe(0);
  expect(rig.deps.retries.failing().count).toBe(0);
});

test('When the service is stopped in a long pass, then the pass ends after the orders in hand', async () => {
  await rig.storeMany(600);
  rig.now = new Date(+start + holdMs);
  const ending = new AbortController();
  const apply: typeof rig.deps.orders.apply = (change) => {
    ending.abort();
    return rig.deps.orders.apply(change);
  };
  const stopped = { ...rig.deps, orders: { ...rig.deps.orders, apply } };
  expect(await expireOverdueOrders(stopped, ending.signal)).toBe(250);
  await createExpirySweep(stopped, () => undefined)(ending.signal);
  expect(await rig.model.countDocuments({ status: 'expired' })).toBe(500);
});

test('When a hint comes, then only an overdue order expires, and only once', async () => {
  const order = await rig.place();
  rig.now = new Date(+start + holdMs - 1);
  expect(await expireOnHint(rig.deps, order.id)).toBe('not_due');
  rig.now = new Date(+start + holdMs);
  const hints = await Promise.all(Array.from({ length: 10 }, () => expireOnHint(rig.deps, order.id)));
  expect(hints.filter((outcome) => outcome === 'expired')).toHaveLength(1);
  expect(await rig.deps.orders.findById(order.id)).toMatchObject({ status: 'expired', version: 1 });
  expect(await expireOnHint(rig.deps, newId())).toBe('unknown_order');
});
