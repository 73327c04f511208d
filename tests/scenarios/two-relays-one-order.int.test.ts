import type { Order } from '../../src/orders/domain/order.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { outboxLeaseMs } from '../../src/outbox/outbox-lease.ts';
import type { WrittenOutbox } from '../../src/outbox/outbox-notifier.ts';
import { eventually } from '../support/eventually.ts';
import { held, useTestRelays } from '../support/test-relays.ts';

/** Two processes at one order, and nothing broken: each event leaves once, and in its turn. */

const rig = useTestRelays();
const later = (milliseconds: number) => new Date(rig.now.getTime() + milliseconds);

/** A process whose writes are done, but which has not looked at what it has written yet. */
function slowStack() {
  const stack = rig.fakeStack();
  const notified: WrittenOutbox[] = [];
  const notifier = { ...stack.relay, notify: (written: WrittenOutbox) => void notified.push(written) };
  const orders = rig.storeOf(notifier);
  /** Looks now: what it sees is the outbox of this moment. */
  const look = async ({ id }: Order) => {
    const stored = await rig.model.findById(id).lean();
    const [{ writeId = '' } = {}] = notified;
    stack.relay.notify({
      orderId: id,
      events: stored?.outbox ?? [],
      leaseExpiresAt: stored?.relayDueAt,
      writeId,
    });
  };
  return { ...stack, orders, look };
}

test('When another process cancels an order whose first event is being sent, then the one that sends goes on with the second', async () => {
  const [first, second] = [rig.fakeStack(), rig.fakeStack()];
  const { wait, release } = held();
  first.broker.answer = (eventId) => (eventId.endsWith(':0') ? wait() : Promise.resolve());
  const order = await rig.place(first.orders);
  expect(await rig.dueAt(order)).toEqual(later(outboxLeaseMs));
  await second.orders.apply(transitions.cancel(order, { now: rig.now }));
  expect(await rig.dueAt(order)).toEqual(later(outboxLeaseMs));
  await second.relay.sweep();
  release();
  await eventually(() => rig.emptied(order));
  expect(first.calls).toEqual([`${order.id}:0`, `${order.id}:1`]);
  expect(second.calls).toEqual([]);
  expect(await rig.dueAt(order)).toBeUndefined();
});

test('When the first event leaves between the write and the look of another, then only one of them sends the second', async () => {
  const [first, second] = [rig.fakeStack(), slowStack()];
  const [one, two] = [held(), held()];
  first.broker.answer = (eventId) => (eventId.endsWith(':0') ? one.wait() : two.wait());
  const order = await rig.place(first.orders);
  await second.orders.apply(transitions.cancel(order, { now: rig.now }));
  rig.now = later(1_000);
  one.release();
  await eventually(() => first.calls.length === 2);
  // The lease is a new one, and no other process sends the event until its end.
  expect(await rig.dueAt(order)).toEqual(later(outboxLeaseMs));
  await second.look(order);
  await second.relay.sweep();
  two.release();
  await eventually(() => rig.emptied(order));
  expect(second.calls).toEqual([]);
  expect(first.calls).toEqual([`${order.id}:0`, `${order.id}:1`]);
});

test('When the outbox was empty, then whoever writes sends, also when the next change comes before its look', async () => {
  const [first, second, third] = [rig.fakeStack(), slowStack(), rig.fakeStack()];
  const order = await rig.place(first.orders);
  await eventually(() => rig.emptied(order));
  const gone = await second.orders.apply(transitions.expire(order, 'expiry', { now: rig.now }));
  if (typeof gone !== 'object') throw new Error(gone);
  await third.orders.apply(transitions.pay(gone, { id: 'pay', stripeChargeId: 'ch' }, { now: rig.now }));
  await second.look(order);
  await eventually(() => rig.emptied(order));
  expect(second.calls).toEqual([`${order.id}:1`, `${order.id}:2`]);
  expect(third.calls).toEqual([]);
});

test('When a process without a broker changes an order that another is sending, then it does not shorten its lease', async () => {
  const [first, second, third] = [rig.fakeStack(), rig.fakeStack({ connected: false }), rig.fakeStack()];
  const { wait, release } = held();
  first.broker.answer = wait;
  const order = await rig.place(first.orders);
  await second.orders.apply(transitions.cancel(order, { now: rig.now }));
  expect(await rig.dueAt(order)).toEqual(later(outboxLeaseMs));
  await third.relay.sweep();
  expect(third.calls).toEqual([]);
  release();
  await eventually(() => rig.emptied(order));
});

test('When an outbox is due already, then a change of its order does not put it off', async () => {
  const [away, other] = [rig.fakeStack({ connected: false }), rig.fakeStack()];
  const order = await rig.place(away.orders);
  const due = rig.now;
  rig.now = later(1_000);
  await other.orders.apply(transitions.cancel(order, { now: rig.now }));
  expect(await rig.dueAt(order)).toEqual(due);
  await other.relay.sweep();
  expect(other.calls).toEqual([`${order.id}:0`, `${order.id}:1`]);
});

test('When an event is acknowledged, then the next leaves only after it has left the stored outbox', async () => {
  const { calls, broker, orders, relay } = rig.fakeStack({ connected: false });
  const order = await rig.place(orders);
  await orders.apply(transitions.cancel(order, { now: rig.now }));
  broker.connected = true;
  const stored: (string[] | undefined)[] = [];
  broker.answer = async () => void stored.push(await rig.waiting(order));
  await relay.sweep();
  expect(stored).toEqual([[`${order.id}:0`, `${order.id}:1`], [`${order.id}:1`]]);
  expect(calls).toHaveLength(2);
});

test('When a publish fails, then the lease is shortened, and any process sends the event soon', async () => {
  const [first, other] = [rig.fakeStack(), rig.fakeStack()];
  first.broker.answer = () => Promise.reject(new Error('no'));
  const order = await rig.place(first.orders);
  await eventually(async () => ((await rig.dueAt(order)) ?? later(outboxLeaseMs)) <= later(1_000));
  rig.now = later(1_000);
  await other.relay.sweep();
  expect(other.calls).toEqual([`${order.id}:0`]);
});
