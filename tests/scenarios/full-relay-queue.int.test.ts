import type { Order } from '../../src/orders/domain/order.ts';
import { maxQueuedMs, outboxLeaseMs } from '../../src/outbox/outbox-lease.ts';
import type { WrittenOutbox } from '../../src/outbox/outbox-notifier.ts';
import { maxQueued } from '../../src/outbox/sending-queue.ts';
import { newId } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { held, useTestRelays } from '../support/test-relays.ts';

/** What waits in memory for its turn, and what becomes of it. */

const rig = useTestRelays();
const maxSending = 256;
const later = (milliseconds: number) => new Date(rig.now.getTime() + milliseconds);

/** A relay that sends as much as it can at once and gets no acknowledgement until `release`, and orders that wait. */
async function fullStack(waiting: number) {
  const stack = rig.fakeStack();
  const { wait, release } = held();
  stack.broker.answer = wait;
  await Promise.all(Array.from({ length: maxSending }, () => rig.place(stack.orders)));
  const queued: Order[] = [];
  for (let count = 0; count < waiting; count++) queued.push(await rig.place(stack.orders));
  expect(stack.calls).toHaveLength(maxSending);
  return { ...stack, release, queued };
}

test('When more orders come than are sent at once, then each is sent as soon as there is room, oldest first, without a sweep', async () => {
  const { calls, release, queued, relay } = await fullStack(20);
  for (const order of queued) expect(await rig.dueAt(order)).toEqual(later(outboxLeaseMs));
  const other = rig.fakeStack();
  await other.relay.sweep();
  release();
  await eventually(() => calls.length === maxSending + 20);
  expect(calls.slice(maxSending)).toEqual(queued.map(({ id }) => `${id}:0`));
  await relay.stop();
  expect(new Set(calls).size).toBe(calls.length);
  expect(other.calls).toEqual([]);
}, 60_000);

test('When the broker is lost, then what waits is due at once for whoever is connected', async () => {
  const { calls, broker, release, queued } = await fullStack(20);
  broker.connected = false;
  release();
  for (const order of queued)
    await eventually(async () => (await rig.dueAt(order))?.getTime() === rig.now.getTime());
  expect(calls).toHaveLength(maxSending);
  const other = rig.fakeStack();
  await other.relay.sweep();
  expect(new Set(other.calls)).toEqual(new Set(queued.map(({ id }) => `${id}:0`)));
}, 60_000);

test('When an order has waited until its lease would not last, then it is left to the sweep, not sent beside it', async () => {
  const { calls, release, queued } = await fullStack(3);
  rig.now = later(maxQueuedMs + 1);
  release();
  for (const order of queued)
    await eventually(async () => (await rig.dueAt(order))?.getTime() === rig.now.getTime());
  expect(calls).toHaveLength(maxSending);
}, 60_000);

test('When the queue is full, then what does not fit is due at once', async () => {
  const { relay, calls } = await fullStack(0);
  const fill = () => {
    for (let count = 0; count < maxQueued; count++) {
      const { order, event } = rig.newOrder();
      relay.notify({ orderId: order.id, events: [event], leaseExpiresAt: later(outboxLeaseMs) });
    }
  };
  // It fills up between the write and what is done after it.
  const notifier = {
    ...relay,
    notify(written: WrittenOutbox) {
      fill();
      relay.notify(written);
    },
  };
  const order = await rig.place(rig.storeOf(notifier));
  await eventually(async () => (await rig.dueAt(order))?.getTime() === rig.now.getTime());
  expect(relay.leaseExpiresAt()).toEqual(rig.now);
  expect(await rig.dueAt(await rig.place(rig.storeOf(relay)))).toEqual(rig.now);
  expect(calls).not.toContain(`${order.id}:0`);
}, 60_000);

test('When an order is given up that another process sends by now, then its lease stays', async () => {
  const { orders } = rig.fakeStack({ connected: false });
  const order = await rig.place(orders);
  await rig.outboxes.makeDue([{ orderId: order.id, eventId: newId(), dueAt: later(5_000) }]);
  expect(await rig.dueAt(order)).toEqual(rig.now);
});

test('When the relay is stopped, then what waits is sent, and no sweep comes after it', async () => {
  let looks = 0;
  const store: typeof rig.outboxes = {
    ...rig.outboxes,
    findDue(...wanted) {
      looks++;
      return rig.outboxes.findDue(...wanted);
    },
  };
  const { broker, calls, relay, orders } = rig.fakeStack({ store });
  relay.start();
  const order = await rig.place(orders);
  await relay.stop();
  expect(calls).toEqual([`${order.id}:0`]);
  const looksBefore = looks;
  broker.connect();
  const late = await rig.place(rig.fakeStack({ connected: false }).orders);
  expect(await rig.waiting(late)).toHaveLength(1);
  expect(looks).toBe(looksBefore);
});

test('When the relay is stopped and its time is over, then what is due is left to other processes', async () => {
  const { calls, relay } = rig.fakeStack();
  const order = await rig.place(rig.fakeStack({ connected: false }).orders);
  await relay.stop(AbortSignal.abort());
  expect(calls).toEqual([]);
  expect(await rig.waiting(order)).toHaveLength(1);
});
