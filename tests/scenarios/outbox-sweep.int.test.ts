import * as transitions from '../../src/orders/domain/transitions.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import type { OutboxStore } from '../../src/orders/store/outbox-store.ts';
import { outboxLeaseMs } from '../../src/outbox/outbox-lease.ts';
import { sweepLeaseMs } from '../../src/outbox/sweep-lease.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { eventually } from '../support/eventually.ts';
import { held, useTestRelays } from '../support/test-relays.ts';

const rig = useTestRelays();
const later = (milliseconds: number) => new Date(rig.now.getTime() + milliseconds);

test('When a crash has left an outbox behind, then a sweep sends it once it is due, and it is due no more', async () => {
  const { calls, relay } = rig.fakeStack();
  const crashing = { ...rig.fakeStack().relay, notify: () => undefined };
  const crashed = createOrderStore(rig.model, ticketModel(rig.model.db), crashing);
  const order = await rig.place(crashed);
  await crashed.apply(transitions.cancel(order, { now: rig.now }));
  await relay.sweep();
  expect(calls).toEqual([]);
  rig.now = later(outboxLeaseMs);
  await Promise.all([relay.sweep(), rig.fakeStack().relay.sweep(), relay.sweep()]);
  await eventually(() => rig.emptied(order));
  expect(await rig.model.findById(order.id).lean()).not.toHaveProperty('relayDueAt');
});

test('When two processes sweep at once, then one of them sends the outbox', async () => {
  const { orders, broker } = rig.fakeStack();
  broker.connected = false;
  const order = await rig.place(orders);
  const [one, two] = [rig.fakeStack(), rig.fakeStack()];
  await Promise.all([one.relay.sweep(), two.relay.sweep()]);
  expect([...one.calls, ...two.calls]).toEqual([`${order.id}:0`]);
});

test('When a process dies while it sweeps, then another takes over once its lease has run out', async () => {
  const dying = rig.fakeStack();
  dying.broker.connected = false;
  const order = await rig.place(dying.orders);
  await dying.sweepLease.take({ now: rig.now, until: later(sweepLeaseMs) });
  const { calls, relay } = rig.fakeStack();
  rig.now = later(sweepLeaseMs - 1);
  await relay.sweep();
  expect(calls).toEqual([]);
  rig.now = later(1);
  await relay.sweep();
  expect(calls).toEqual([`${order.id}:0`]);
});

test('When a process is frozen while it sweeps and another takes over, then it sends no more of what was due', async () => {
  const [frozen, other] = [rig.fakeStack(), rig.fakeStack()];
  const { wait, release } = held();
  frozen.broker.connected = false;
  await Promise.all(Array.from({ length: 258 }, () => rig.place(frozen.orders)));
  frozen.broker.connected = true;
  frozen.broker.answer = wait;
  const sweeping = frozen.relay.sweep();
  await eventually(() => frozen.calls.length === 256);
  rig.now = later(sweepLeaseMs);
  await other.sweepLease.take({ now: rig.now, until: later(sweepLeaseMs) });
  release();
  await sweeping;
  expect(frozen.calls).toHaveLength(256);
  await other.relay.sweep();
  expect(other.calls).toHaveLength(2);
});

test('When a sweep finds no broker any more, then another process goes on at once', async () => {
  const [cutOff, other] = [rig.fakeStack(), rig.fakeStack()];
  cutOff.broker.connected = false;
  await Promise.all(Array.from({ length: 130 }, () => rig.place(cutOff.orders)));
  cutOff.broker.connected = true;
  cutOff.broker.answer = async () => {
    cutOff.broker.connected = false;
  };
  await cutOff.relay.sweep();
  expect(cutOff.calls).toHaveLength(128);
  await other.relay.sweep();
  expect(other.calls).toHaveLength(2);
});

test('When hundreds of outboxes are due, then one look finds them, and they are read as there is room', async () => {
  let looks = 0;
  const reads: number[] = [];
  const store: OutboxStore = {
    ...rig.outboxes,
    findDue(...wanted) {
      looks++;
      return rig.outboxes.findDue(...wanted);
    },
    read(orderIds, now) {
      reads.push(orderIds.length);
      return rig.outboxes.read(orderIds, now);
    },
  };
  const { calls, broker, relay, orders } = rig.fakeStack({ store });
  broker.connected = false;
  await Promise.all(Array.from({ length: 300 }, () => rig.place(orders)));
  broker.connected = true;
  await relay.sweep();
  expect(new Set(calls).size).toBe(300);
  expect(looks).toBe(1);
  expect(reads[0]).toBe(128);
  expect(Math.max(...reads)).toBe(128);
  expect(reads.reduce((sum, some) => sum + some, 0)).toBe(300);
});

test('When 256 events are unacknowledged, then a sweep reads and sends more only as these are done', async () => {
  const { wait, release } = held();
  let read = 0;
  const store: OutboxStore = {
    ...rig.outboxes,
    async read(...wanted) {
      const due = await rig.outboxes.read(...wanted);
      read += due.length;
      return due;
    },
  };
  const { calls, broker, relay, orders } = rig.fakeStack({ store });
  broker.answer = wait;
  await Promise.all(Array.from({ length: 256 }, () => rig.place(orders)));
  const late = await rig.place(rig.fakeStack({ connected: false }).orders);
  const sweeping = relay.sweep();
  await eventually(() => calls.length === 256);
  // The sweep has asked for room, and has got none.
  await rig.waiting(late);
  expect(read).toBe(0);
  release();
  await sweeping;
  expect(read).toBe(1);
  expect(new Set(calls).size).toBe(257);
  await relay.stop();
}, 60_000);

test('When the broker refuses, then the event stays and is sent later', async () => {
  const { calls, broker, relay, orders, published } = rig.fakeStack();
  broker.answer = () => Promise.reject(new Error('no'));
  const order = await rig.place(orders);
  await relay.stop();
  expect(await rig.waiting(order)).toEqual([`${order.id}:0`]);
  broker.answer = () => Promise.resolve();
  rig.now = later(1_000);
  await relay.sweep();
  expect(calls).toEqual([`${order.id}:0`, `${order.id}:0`]);
  expect(await rig.waiting(order)).toEqual([]);
  expect(await rig.dueAt(order)).toBeUndefined();
  expect(published.map(({ subject, outcome }) => `${subject} ${outcome}`)).toEqual([
    'order:created failed',
    'order:created acknowledged',
  ]);
});

test('When the second of two events is refused, then only the first leaves the outbox', async () => {
  const { calls, broker, relay, orders } = rig.fakeStack();
  broker.connected = false;
  const order = await rig.place(orders);
  await orders.apply(transitions.cancel(order, { now: rig.now }));
  broker.connected = true;
  broker.answer = (eventId) => (eventId.endsWith(':1') ? Promise.reject(new Error('no')) : Promise.resolve());
  await relay.sweep();
  expect(calls).toEqual([`${order.id}:0`, `${order.id}:1`]);
  expect(await rig.waiting(order)).toEqual([`${order.id}:1`]);
});

test('When the loop is being ended, then a sweep with much to do begins no further batch', async () => {
  const { calls, broker, relay, orders } = rig.fakeStack();
  broker.connected = false;
  await Promise.all(Array.from({ length: 130 }, () => rig.place(orders)));
  broker.connected = true;
  const ending = new AbortController();
  broker.answer = async () => ending.abort();
  await relay.sweep(ending.signal);
  expect(calls).toHaveLength(128);
  await relay.sweep();
  expect(new Set(calls).size).toBe(130);
});

test('When the broker is away, then the outbox is due at once and a sweep leaves it alone', async () => {
  const { calls, broker, relay, orders } = rig.fakeStack();
  broker.connected = false;
  expect(relay.leaseExpiresAt()).toEqual(rig.now);
  const order = await rig.place(orders);
  expect(await rig.dueAt(order)).toEqual(rig.now);
  await relay.sweep();
  expect(calls).toEqual([]);
  broker.connected = true;
  expect(relay.leaseExpiresAt()).toEqual(later(outboxLeaseMs));
  await relay.sweep();
  expect(calls).toEqual([`${order.id}:0`]);
});
