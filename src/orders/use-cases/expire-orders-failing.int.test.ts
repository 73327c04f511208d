import mongoose from 'mongoose';
import { newId } from '../../../tests/support/buyer.ts';
import {
  type ExpiringOrders,
  holdMs,
  start,
  startExpiringOrders,
} from '../../../tests/support/expiring-orders.ts';
import { expireOverdueOrders } from './expire-orders.ts';
import { createExpirySweep } from './expiry-sweep.ts';

let rig: ExpiringOrders;
beforeAll(async () => {
  rig = await startExpiringOrders();
});
beforeEach(() => rig.reset());

/** As a hand-made repair may leave them. None can be expired. */
const spoilt: [string, Record<string, unknown>][] = [
  ['has a history that is text', { history: 'expired by hand' }],
  ['has an outbox that is text', { outbox: '[]' }],
  ['has a version that is text', { version: '0' }],
  ['has a ticket id that is text', { ticketId: newId() }],
];

test('When 60 that are overdue for longer cannot be changed, then one pass expires the sound ones behind them', async () => {
  const broken = await rig.storeMany(60, { history: 'expired by hand' });
  const sound = [await rig.place(new Date(+start + 1)), await rig.place(new Date(+start + 2))];
  rig.now = new Date(+start + 2 * holdMs);
  expect(await expireOverdueOrders(rig.deps)).toBe(2);
  expect(await Promise.all(sound.map(rig.statusOf))).toEqual(['expired', 'expired']);
  expect(rig.deps.retries.failing()).toEqual({ kind: 'overdue order', count: 60, since: rig.now });
  expect(new Set(rig.logged.map(({ id }) => id))).toEqual(new Set(broken));
});

test.each(spoilt)(
  'When an overdue order %s, then it is left for a while, and others expire',
  async (_, fields) => {
    const [broken] = await rig.storeMany(1, fields);
    const sound = await rig.place();
    rig.now = new Date(+start + holdMs);
    expect(await expireOverdueOrders(rig.deps)).toBe(1);
    expect(await rig.statusOf(sound)).toBe('expired');
    expect(rig.logged.map(({ id }) => id)).toEqual([broken]);
    expect(await rig.model.collection.findOne({ _id: new mongoose.Types.ObjectId(broken) })).toMatchObject(
      fields,
    );
  },
);

test('When an order that failed is mended, then the sweep expires it after its pause, and says so', async () => {
  const [broken] = await rig.storeMany(1, { history: 'expired by hand' });
  const _id = new mongoose.Types.ObjectId(broken);
  rig.now = new Date(+start + holdMs);
  const sweep = createExpirySweep(rig.deps, () => undefined);
  await sweep();
  await rig.model.collection.updateOne({ _id }, { $set: { history: [] } });
  rig.now = new Date(+rig.now + 1_999);
  await sweep();
  expect(await rig.model.countDocuments({ status: 'pending' })).toBe(1);
  rig.now = new Date(+rig.now + 1);
  await sweep();
  expect(await rig.model.countDocuments({ status: 'expired' })).toBe(1);
  expect(rig.logged.map(({ id, msg }) => ({ id, msg }))).toEqual([
    { id: broken, msg: 'item failed, it is left for a while and tried again' },
    { id: broken, msg: 'item works again' },
  ]);
  expect(rig.deps.retries.failing().count).toBe(0);
});

test('When an order that failed is gone or paid, then it is no longer failing', async () => {
  const [gone, held] = await rig.storeMany(2, { history: 'expired by hand' });
  rig.now = new Date(+start + holdMs);
  await expireOverdueOrders(rig.deps);
  expect(rig.deps.retries.failing().count).toBe(2);
  await rig.model.collection.deleteOne({ _id: new mongoose.Types.ObjectId(gone) });
  const paidByHand = { $set: { status: 'paid' as const } };
  await rig.model.collection.updateOne({ _id: new mongoose.Types.ObjectId(held) }, paidByHand);
  rig.now = new Date(+rig.now + 2_000);
  await createExpirySweep(rig.deps, () => undefined)();
  expect(rig.deps.retries.failing().count).toBe(0);
});

test('When many have failed, then a pass of the sweep tries 20 of them again', async () => {
  await rig.storeMany(60, { history: 'expired by hand' });
  rig.now = new Date(+start + holdMs);
  await expireOverdueOrders(rig.deps);
  rig.now = new Date(+rig.now + 60_000);
  const tried: string[] = [];
  const apply: typeof rig.deps.orders.apply = (change) => {
    tried.push(change.expected.id);
    return rig.deps.orders.apply(change);
  };
  const watched = { ...rig.deps, orders: { ...rig.deps.orders, apply } };
  expect(await expireOverdueOrders(watched)).toBe(0);
  expect(tried).toEqual([]);
  const sweep = createExpirySweep(watched, () => undefined);
  await sweep();
  expect(new Set(tried).size).toBe(20);
  await sweep();
  expect(new Set(tried).size).toBe(40);
});

test('When 10,000 that fail are overdue, then an order whose time ends now expires in one pass of the sweep', async () => {
  await rig.storeMany(10_000, { history: 'expired by hand' });
  const isLeft = jest.fn();
  const soundEnds = async (ms: number) => {
    const order = await rig.place(new Date(+start + ms));
    rig.now = new Date(+start + ms + holdMs);
    return order;
  };

  // They have just failed for the first time, and are more than one pass can try.
  const sound = await soundEnds(1);
  await createExpirySweep(rig.deps, isLeft)();
  expect(await rig.statusOf(sound)).toBe('expired');
  expect(isLeft).toHaveBeenCalledTimes(1);
  expect(rig.deps.retries.failing().count).toBeLessThan(500);

  // They are old, and this process has just started: it does not know of them, and need not.
  rig.restart();
  const later = await soundEnds(60_000);
  await createExpirySweep(rig.deps, isLeft)();
  expect(await rig.statusOf(later)).toBe('expired');
  expect(isLeft).toHaveBeenCalledTimes(1);
  expect(rig.deps.retries.failing().count).toBe(0);
}, 60_000);
