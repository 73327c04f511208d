import { eventually } from '../../tests/support/eventually.ts';
import { held, useTestRelays } from '../../tests/support/test-relays.ts';
import * as transitions from '../orders/domain/transitions.ts';
import type { OutboxStore } from '../orders/store/outbox-store.ts';

const rig = useTestRelays();

test('When 50 orders are placed and cancelled at once, then every order’s events leave in version order', async () => {
  const { calls, broker, relay, orders } = rig.fakeStack();
  const acknowledged: string[] = [];
  broker.answer = async (eventId) => {
    await new Promise(setImmediate);
    acknowledged.push(eventId);
  };
  relay.start();
  const placedOrders = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const order = await rig.place(orders);
      await orders.apply(transitions.cancel(order, { now: rig.now }));
      return order;
    }),
  );
  for (const order of placedOrders) await eventually(() => rig.emptied(order));
  await relay.stop();
  for (const { id } of placedOrders) {
    expect([...new Set(calls.filter((call) => call.startsWith(id)))]).toEqual([`${id}:0`, `${id}:1`]);
    expect(acknowledged.indexOf(`${id}:0`)).toBeLessThan(acknowledged.indexOf(`${id}:1`));
  }
});

test('When an event is not acknowledged yet, then the next of its order is not sent, and others are', async () => {
  const { calls, broker, relay, orders } = rig.fakeStack();
  const { wait, release } = held();
  const [slow, other] = [rig.newOrder(), rig.newOrder()];
  broker.answer = (eventId) => (eventId === slow.event.eventId ? wait() : Promise.resolve());
  await orders.insert(slow.order, slow.event);
  await orders.apply(transitions.cancel(slow.order, { now: rig.now }));
  await orders.insert(other.order, other.event);
  await relay.sweep();
  await eventually(() => rig.emptied(other.order));
  expect(calls).toEqual([slow.event.eventId, other.event.eventId]);
  release();
  await relay.stop();
  // The event that was added during the publish was not removed with the first, but sent after it.
  expect(calls).toEqual([slow.event.eventId, other.event.eventId, `${slow.order.id}:1`]);
  expect(await rig.waiting(slow.order)).toEqual([]);
});

test('When three processes change one order in turn, then no event waits for a lease to expire', async () => {
  const { calls, broker, relay, orders } = rig.fakeStack();
  const second = rig.fakeStack();
  const third = rig.fakeStack();
  const { wait, release } = held();
  broker.answer = wait;
  const { order, event } = rig.newOrder();
  await orders.insert(order, event);
  const gone = await second.orders.apply(transitions.expire(order, 'expiry', { now: rig.now }));
  if (typeof gone !== 'object') throw new Error(gone);
  await second.relay.stop();
  await third.orders.apply(transitions.pay(gone, { id: 'pay', stripeChargeId: 'ch' }, { now: rig.now }));
  await third.relay.stop();
  release();
  await eventually(() => rig.emptied(order));
  await relay.stop();
  expect([...second.calls, ...third.calls]).toEqual([]);
  expect(calls).toEqual([0, 1, 2].map((version) => `${order.id}:${version}`));
  expect(await rig.waiting(order)).toEqual([]);
  expect(await rig.dueAt(order)).toBeUndefined();
});

test('When an order changes before its sent event is known to be removed, then the new event does not wait for the lease', async () => {
  const { wait, release } = held();
  const slowStore: OutboxStore = {
    ...rig.outboxes,
    async removeAcknowledged(events, now) {
      const rest = await rig.outboxes.removeAcknowledged(events, now);
      await wait();
      return rest;
    },
  };
  const { calls, relay, orders } = rig.fakeStack({ store: slowStore });
  relay.start();
  const order = await rig.place(orders);
  await eventually(() => rig.emptied(order));
  await orders.apply(transitions.cancel(order, { now: rig.now }));
  release();
  await eventually(() => calls.includes(`${order.id}:1`), { withinMs: 5_000 });
  await relay.stop();
});

test('When the relay is stopped, then what is due is sent for a last time', async () => {
  const { calls, broker, relay, orders } = rig.fakeStack();
  broker.connected = false;
  const order = await rig.place(orders);
  broker.connected = true;
  await relay.stop();
  expect(calls).toEqual([`${order.id}:0`]);
  expect(await rig.waiting(order)).toEqual([]);
});
