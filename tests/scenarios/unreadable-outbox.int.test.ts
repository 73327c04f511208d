import mongoose from 'mongoose';
import * as transitions from '../../src/orders/domain/transitions.ts';
import type { OutboxStore } from '../../src/orders/store/outbox-store.ts';
import { outboxLeaseMs } from '../../src/outbox/outbox-lease.ts';
import { useTestRelays } from '../support/test-relays.ts';

/** Outboxes that cannot be sent, whatever the broker does, and those behind them. */

type ObjectId = mongoose.Types.ObjectId;

const rig = useTestRelays();
const later = (milliseconds: number) => new Date(rig.now.getTime() + milliseconds);
const broken = ['a string', 7, {}, ['a string'], [{ eventId: 'x', subject: 'order:created' }], undefined];

/** Stores outboxes that nobody can send, all of them due before any other. */
async function storeBroken(howMany: number): Promise<string[]> {
  const documents = Array.from({ length: howMany }, (_, index) => ({
    _id: new mongoose.Types.ObjectId(),
    outbox: broken[index % broken.length],
    relayDueAt: later(-60_000),
  }));
  await rig.model.collection.insertMany(documents);
  return documents.map(({ _id }) => _id.toHexString());
}

test('When more than a thousand outboxes in front cannot be sent, then a sweep sends the sound one behind them, and leaves them for a growing pause', async () => {
  let read = 0;
  const store: OutboxStore = {
    ...rig.outboxes,
    read(orderIds, now) {
      read += orderIds.length;
      return rig.outboxes.read(orderIds, now);
    },
  };
  const { calls, relay, failing } = rig.fakeStack({ store });
  await storeBroken(1_100);
  const order = await rig.place(rig.fakeStack({ connected: false }).orders);
  await relay.sweep();
  expect(calls).toEqual([`${order.id}:0`]);
  expect(failing.failing()).toMatchObject({ kind: 'outbox', count: 1_100, since: rig.now });
  expect(read).toBe(1_101);
  await relay.sweep();
  expect(read).toBe(1_101);
  rig.now = later(2_000);
  await relay.sweep();
  expect(read).toBe(2_201);
  rig.now = later(2_000);
  await relay.sweep();
  expect(read).toBe(2_201);
}, 60_000);

test('When outboxes have been repaired, or emptied by hand, then they are sent, and are failing no more', async () => {
  const { calls, relay, failing } = rig.fakeStack();
  const ids = await storeBroken(broken.length + 1);
  await relay.sweep();
  expect(failing.failing().count).toBe(ids.length);
  const { event } = rig.newOrder();
  const [repaired, emptied] = ids.map((id) => new mongoose.Types.ObjectId(id)) as [ObjectId, ObjectId];
  await rig.model.collection.updateOne({ _id: repaired }, { $set: { outbox: [event] } });
  await rig.model.collection.updateOne({ _id: emptied }, { $set: { outbox: [] } });
  await rig.model.collection.deleteMany({ _id: { $nin: [repaired, emptied] } });
  rig.now = later(2_000);
  await relay.sweep();
  await relay.sweep();
  expect(calls).toEqual([event.eventId]);
  expect(failing.failing().count).toBe(0);
  expect(await rig.model.countDocuments({ relayDueAt: { $gt: new Date(0) } })).toBe(0);
});

test('When a sweep fails after it has taken its lease, then it fails visibly, and another goes on at once', async () => {
  const readNothing = { ...rig.outboxes, read: () => Promise.reject(new Error('no database')) };
  const [failed, other] = [rig.fakeStack({ store: readNothing }), rig.fakeStack()];
  const order = await rig.place(rig.fakeStack({ connected: false }).orders);
  await expect(failed.relay.sweep()).rejects.toThrow('no database');
  await other.relay.sweep();
  expect(other.calls).toEqual([`${order.id}:0`]);
});

test('When the database does not take what was sent, then the sweep does not send it again and again', async () => {
  const removeNothing = {
    ...rig.outboxes,
    removeAcknowledged: () => Promise.reject(new Error('no database')),
  };
  const { calls, relay } = rig.fakeStack({ store: removeNothing });
  const order = await rig.place(rig.fakeStack({ connected: false }).orders);
  await relay.sweep();
  expect(calls).toEqual([`${order.id}:0`]);
});

test('When a relay sweeps twice at once, then each outbox is sent once', async () => {
  const { calls, relay } = rig.fakeStack();
  const { orders } = rig.fakeStack({ connected: false });
  await Promise.all(Array.from({ length: 20 }, () => rig.place(orders)));
  await Promise.all([relay.sweep(), relay.sweep()]);
  expect(calls).toHaveLength(20);
});

test('When an outbox is leased by now, then it is not read, though it was found due before', async () => {
  const due = await rig.place(rig.fakeStack({ connected: false }).orders);
  const leased = await rig.place(rig.storeOf({ ...rig.fakeStack().relay, notify: () => undefined }));
  const read = await rig.outboxes.read([due.id, leased.id], rig.now);
  expect(read.map(({ orderId }) => orderId)).toEqual([due.id]);
});

test('When several events wait, then the backlog is as old as the oldest, and what is not stored as it should be does not count', async () => {
  const { orders } = rig.fakeStack({ connected: false });
  await storeBroken(broken.length);
  const since = rig.now;
  await rig.place(orders);
  rig.now = later(5_000);
  await rig.place(orders);
  expect(await rig.outboxes.backlog()).toEqual({ waiting: broken.length + 2, since });
});

test('When a change is written into an empty outbox, then the write itself gives it a time to be sent', async () => {
  const { orders } = rig.fakeStack();
  const silent = rig.storeOf({ ...rig.fakeStack().relay, notify: () => undefined });
  for (const change of ['cancel', 'refund'] as const) {
    const order = await rig.place(orders);
    await rig.model.updateOne({ _id: order.id }, { $set: { outbox: [] }, $unset: { relayDueAt: 1 } });
    const payment = { id: 'pay', stripeChargeId: 'ch' };
    if (change === 'cancel') await silent.apply(transitions.cancel(order, { now: rig.now }));
    else await silent.apply(transitions.requireRefund(order, payment, 'already_paid', { now: rig.now }));
    expect(await rig.dueAt(order)).toEqual(later(outboxLeaseMs));
  }
});
