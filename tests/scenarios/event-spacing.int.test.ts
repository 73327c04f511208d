import type { Order } from '../../src/orders/domain/order.ts';
import type { OrderChange } from '../../src/orders/domain/order-change.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { createChangeStore } from '../../src/orders/store/change-store.ts';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import type { OrderStore } from '../../src/orders/store/order-store.ts';
import { createOutboxStore } from '../../src/orders/store/outbox-store.ts';
import { outboxLeaseMs } from '../../src/outbox/outbox-lease.ts';
import { leaveToSweep, type OutboxNotifier } from '../../src/outbox/outbox-notifier.ts';
import { eventually } from '../support/eventually.ts';
import { held, useTestRelays } from '../support/test-relays.ts';

/** `EVENT_SPACING_SECONDS`: what leaves when, whoever writes, sends and removes. */

const rig = useTestRelays();
const spacingMs = 6_000;
const later = (milliseconds: number) => new Date(rig.now.getTime() + milliseconds);
const payment = { id: 'pay', stripeChargeId: 'ch' };

/** A process with this spacing. */
function stackWith(milliseconds: number) {
  return rig.fakeStack({ store: createOutboxStore(rig.model, milliseconds) });
}
const spacedStack = () => stackWith(spacingMs);

const context = () => ({ now: rig.now });
const cancel = (order: Order) => transitions.cancel(order, context());
const refund = (order: Order, id = 'pay') =>
  transitions.requireRefund(order, { ...payment, id }, 'order_cancelled', context());

async function apply(orders: OrderStore, change: OrderChange): Promise<Order> {
  const order = await orders.apply(change);
  if (typeof order !== 'object') throw new Error(order);
  return order;
}

const stored = ({ id }: Order) => rig.model.findById(id).lean();
const spacedUntil = async (order: Order) => (await stored(order))?.spacedUntil;

/** An order whose `order:created` has just been acknowledged. */
async function placedAndSent(stack: ReturnType<typeof spacedStack>): Promise<Order> {
  const order = await rig.place(stack.orders);
  await eventually(() => rig.emptied(order));
  return order;
}

/** A store whose changes are read only when `wait` resolves. */
function createOrderStoreThatReads(wait: () => Promise<void>, notifier: OutboxNotifier) {
  const holds = { throwIfMissing: () => undefined };
  return createChangeStore({
    ...{ orders: rig.model, notifier, holds, onChange: () => undefined },
    async findOrder(id) {
      await wait();
      return (await rig.model.findById(id).lean<OrderRecord>()) ?? undefined;
    },
  });
}

/** Sweeps right before a time and at it. */
async function leavesOnlyAt(time: Date, stack: ReturnType<typeof spacedStack>, eventId: string) {
  rig.now = new Date(time.getTime() - 1);
  await stack.relay.sweep();
  expect(stack.calls).not.toContain(eventId);
  rig.now = time;
  await rig.sweepUntil(stack.relay, () => stack.calls.includes(eventId));
  expect(stack.calls.filter((call) => call === eventId)).toHaveLength(1);
}

test('When an order is cancelled while its order:created is being sent, then order:cancelled leaves a spacing after the acknowledgement, and meanwhile nobody has it', async () => {
  const stack = spacedStack();
  const { wait, release } = held();
  stack.broker.answer = wait;
  const order = await rig.place(stack.orders);
  await apply(stack.orders, cancel(order));
  rig.now = later(3_000);
  release();
  await eventually(async () => (await rig.waiting(order))?.length === 1);
  expect(await spacedUntil(order)).toEqual(later(spacingMs));
  expect(await rig.dueAt(order)).toEqual(later(spacingMs));
  const cancelledAt = later(spacingMs);
  await leavesOnlyAt(cancelledAt, spacedStack(), `${order.id}:1`);
  await eventually(() => rig.emptied(order));
  expect(await stored(order)).not.toHaveProperty('relayDueAt');
  expect(await spacedUntil(order)).toEqual(new Date(cancelledAt.getTime() + spacingMs));
});

test('When the removal of an acknowledged event has to wait, then the spacing counts from the removal', async () => {
  const { wait, release } = held();
  const store = createOutboxStore(rig.model, spacingMs);
  const busy = rig.fakeStack({
    store: {
      ...store,
      removeAcknowledged: async (events, now) => wait().then(() => store.removeAcknowledged(events, now)),
    },
  });
  const first = await rig.place(busy.orders);
  await eventually(() => busy.calls.includes(`${first.id}:0`));
  const second = await rig.place(busy.orders);
  await eventually(() => busy.calls.includes(`${second.id}:0`));
  // The acknowledgement of the second waits behind the removal of the first.
  rig.now = later(3_000);
  release();
  await eventually(() => rig.emptied(second));
  expect(await spacedUntil(second)).toEqual(later(spacingMs));
});

test('When an order is cancelled within the spacing of an order:created that has left, then order:cancelled waits for its time, without a lease and in no queue', async () => {
  const stack = spacedStack();
  const order = await placedAndSent(stack);
  const mayLeave = later(spacingMs);
  rig.now = later(2_000);
  await apply(stack.orders, cancel(order));
  await eventually(async () => (await rig.dueAt(order))?.getTime() === mayLeave.getTime());
  // Nothing is queued or being sent: it would be sent before the stop ends.
  await stack.relay.stop();
  expect(stack.calls).toEqual([`${order.id}:0`]);
  await leavesOnlyAt(mayLeave, spacedStack(), `${order.id}:1`);
});

test('When an order is cancelled after the spacing, then order:cancelled leaves at once', async () => {
  const stack = spacedStack();
  const order = await placedAndSent(stack);
  rig.now = later(spacingMs);
  await apply(stack.orders, cancel(order));
  await eventually(() => rig.emptied(order));
  expect(stack.calls).toEqual([`${order.id}:0`, `${order.id}:1`]);
});

test('When a process without a relay, such as a command, writes within the spacing, then the sweep puts the event off until its time', async () => {
  const stack = spacedStack();
  const order = await placedAndSent(stack);
  const mayLeave = later(spacingMs);
  await apply(rig.storeOf(leaveToSweep(() => rig.now)), cancel(order));
  expect(await rig.dueAt(order)).toEqual(rig.now);
  await stack.relay.sweep();
  expect(await rig.dueAt(order)).toEqual(mayLeave);
  await leavesOnlyAt(mayLeave, stack, `${order.id}:1`);
});

test('When the writer dies right after its write, then the event leaves once its lease is over, and not before its time', async () => {
  const minute = 60_000;
  const stack = stackWith(minute);
  const order = await placedAndSent(stack);
  const mayLeave = later(minute);
  const dying = rig.storeOf({ ...stack.relay, notify: () => undefined });
  await apply(dying, cancel(order));
  expect(await rig.dueAt(order)).toEqual(later(outboxLeaseMs));
  rig.now = later(outboxLeaseMs);
  await stack.relay.sweep();
  expect(await rig.dueAt(order)).toEqual(mayLeave);
  await leavesOnlyAt(mayLeave, stack, `${order.id}:1`);
});

test('When a process changes an order whose event waits, then that event does not leave sooner', async () => {
  const minute = 60_000;
  const stack = stackWith(minute);
  const order = await placedAndSent(stack);
  const mayLeave = later(minute);
  const gone = await apply(stack.orders, transitions.expire(order, 'expiry', context()));
  await apply(stackWith(minute).orders, transitions.pay(gone, payment, context()));
  for (rig.now = later(outboxLeaseMs); rig.now < mayLeave; rig.now = later(outboxLeaseMs)) {
    await stack.relay.sweep();
    expect(stack.calls).toEqual([`${order.id}:0`]);
  }
  await leavesOnlyAt(mayLeave, stack, `${order.id}:1`);
  await leavesOnlyAt(new Date(mayLeave.getTime() + minute), stack, `${order.id}:2`);
});

test('When another process removes the event between a write and its read, then the new event waits all the same', async () => {
  const [sending, writing] = [spacedStack(), spacedStack()];
  const { wait, release } = held();
  sending.broker.answer = wait;
  const order = await rig.place(sending.orders);
  const read = held();
  const slowly = createOrderStoreThatReads(() => read.wait(), writing.relay);
  const cancelled = slowly.apply(cancel(order));
  await eventually(async () => (await rig.waiting(order))?.length === 2);
  release();
  await eventually(async () => (await rig.waiting(order))?.length === 1);
  const mayLeave = await spacedUntil(order);
  read.release();
  expect(typeof (await cancelled)).toBe('object');
  await Promise.all([sending.relay.stop(), writing.relay.stop()]);
  expect([...sending.calls, ...writing.calls]).toEqual([`${order.id}:0`]);
  expect(await rig.dueAt(order)).toEqual(mayLeave);
});

test('When a refund is behind an event that waits, then it leaves right after it and not before', async () => {
  const stack = spacedStack();
  const order = await placedAndSent(stack);
  const mayLeave = later(spacingMs);
  const gone = await apply(stack.orders, cancel(order));
  await apply(stack.orders, refund(gone));
  await leavesOnlyAt(mayLeave, stack, `${order.id}:1`);
  await eventually(() => rig.emptied(order));
  expect(stack.calls).toEqual([`${order.id}:0`, `${order.id}:1`, `${order.id}:refund:pay`]);
});

test('When a refund comes while nothing waits, then it leaves at once, and the event behind it waits for its own time', async () => {
  const stack = spacedStack();
  const order = await placedAndSent(stack);
  const mayLeave = later(spacingMs);
  const { wait, release } = held();
  stack.broker.answer = wait;
  await apply(stack.orders, refund(order));
  await eventually(() => stack.calls.includes(`${order.id}:refund:pay`));
  await apply(stack.orders, cancel(order));
  rig.now = later(1_000);
  release();
  await eventually(async () => (await rig.waiting(order))?.length === 1);
  // The refund is waited for by nothing: the time is that of order:created.
  expect(await rig.dueAt(order)).toEqual(mayLeave);
  await leavesOnlyAt(mayLeave, stack, `${order.id}:1`);
});

test('When a process dies between the acknowledgement and the removal, then the event is sent again, and the next waits from that time on', async () => {
  const dying = rig.fakeStack({
    store: {
      ...createOutboxStore(rig.model, spacingMs),
      removeAcknowledged: () => new Promise(() => undefined),
    },
  });
  const order = await rig.place(dying.orders);
  await eventually(() => dying.calls.length === 1);
  const stack = spacedStack();
  await apply(stack.orders, cancel(order));
  rig.now = later(outboxLeaseMs);
  await rig.sweepUntil(stack.relay, () => stack.calls.length > 0);
  expect(stack.calls).toEqual([`${order.id}:0`]);
  await leavesOnlyAt(later(spacingMs), stack, `${order.id}:1`);
});

test('When a process without a spacing, such as 0.1, sends, then the next event leaves right after, and no time is stored', async () => {
  const [without, stack] = [stackWith(0), spacedStack()];
  const { wait, release } = held();
  without.broker.answer = wait;
  const order = await rig.place(without.orders);
  await apply(stack.orders, cancel(order));
  release();
  await eventually(() => rig.emptied(order));
  expect(without.calls).toEqual([`${order.id}:0`, `${order.id}:1`]);
  expect(await stored(order)).not.toHaveProperty('spacedUntil');
});

test('When the spacing is turned off while events wait, then they leave at their time at the latest, and new ones are not stuck', async () => {
  const [before, after] = [spacedStack(), stackWith(0)];
  const [one, two] = [await placedAndSent(before), await placedAndSent(before)];
  const mayLeave = later(spacingMs);
  await apply(before.orders, cancel(one));
  await apply(after.orders, cancel(two));
  for (const order of [one, two])
    await eventually(async () => (await rig.dueAt(order))?.getTime() === mayLeave.getTime());
  rig.now = mayLeave;
  await rig.sweepUntil(after.relay, () => after.calls.length === 2);
  for (const order of [one, two]) expect(await stored(order)).toMatchObject({ outbox: [] });
  expect(new Set(after.calls)).toEqual(new Set([`${one.id}:1`, `${two.id}:1`]));
});

test('When an event waits for its time, then the backlog is as old as that time lets it be', async () => {
  const stack = spacedStack();
  const order = await placedAndSent(stack);
  const mayLeave = later(spacingMs);
  await apply(stack.orders, cancel(order));
  await eventually(async () => (await rig.dueAt(order))?.getTime() === mayLeave.getTime());
  const backlog = () => createOutboxStore(rig.model, spacingMs).backlog();
  expect(await backlog()).toEqual({ waiting: 1, since: mayLeave });
  rig.now = later(spacingMs + 1_000);
  const late = await rig.place(rig.fakeStack({ connected: false }).orders);
  expect(await backlog()).toEqual({ waiting: 2, since: mayLeave });
  await rig.sweepUntil(stack.relay, () => stack.calls.length === 3);
  expect(await rig.waiting(late)).toEqual([]);
  expect(await backlog()).toEqual({ waiting: 0, since: undefined });
});

test('When hundreds of events wait for their time, then others are queued and sent as ever', async () => {
  const stack = spacedStack();
  const waiting = await Promise.all(Array.from({ length: 300 }, () => rig.place(stack.orders)));
  for (const order of waiting) await eventually(() => rig.emptied(order));
  await Promise.all(waiting.map((order) => stack.orders.apply(cancel(order))));
  const other = await placedAndSent(stack);
  expect(stack.calls).toHaveLength(301);
  expect(stack.calls.at(-1)).toBe(`${other.id}:0`);
  rig.now = later(spacingMs);
  await rig.sweepUntil(stack.relay, () => stack.calls.length >= 601);
  expect(new Set(stack.calls).size).toBe(601);
}, 60_000);
