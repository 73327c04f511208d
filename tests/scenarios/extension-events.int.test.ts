import type { Order } from '../../src/orders/domain/order.ts';
import type { OrderChange } from '../../src/orders/domain/order-change.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import type { OrderStore } from '../../src/orders/store/order-store.ts';
import { createOutboxStore } from '../../src/orders/store/outbox-store.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { newId, placeOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { connectPeer, openDatabase, startTwoServices, testConfig } from '../support/running-service.ts';
import { held, useTestRelays } from '../support/test-relays.ts';

const rig = useTestRelays();
const spacingMs = 6_000;
const later = (milliseconds: number) => new Date(rig.now.getTime() + milliseconds);
const extend = (order: Order) =>
  transitions.extendHold(order, new Date(order.expiresAt.getTime() + 60_000), { now: rig.now });
const cancel = (order: Order) => transitions.cancel(order, { now: rig.now });

async function apply(orders: OrderStore, change: OrderChange): Promise<Order> {
  const order = await orders.apply(change);
  if (typeof order !== 'object') throw new Error(order);
  return order;
}

test('When a hold is extended and let go before its first event has left, then all leave in their order', async () => {
  const { orders, broker, calls } = rig.fakeStack();
  const { wait, release } = held();
  broker.answer = wait;
  const placed = await rig.place(orders);
  const twice = await apply(orders, extend(await apply(orders, extend(placed))));
  await apply(orders, cancel(twice));
  expect(calls).toEqual([`${placed.id}:0`]);
  release();
  await eventually(() => rig.emptied(placed));
  expect(calls).toEqual(['0', 'extension:1', 'extension:2', '1'].map((one) => `${placed.id}:${one}`));
});

test('When events are spaced, then that of an extension waits for nothing, and nothing waits for it', async () => {
  const { orders, calls, relay } = rig.fakeStack({ store: createOutboxStore(rig.model, spacingMs) });
  const placed = await rig.place(orders);
  await eventually(() => rig.emptied(placed));
  const spaced = await rig.model.findById(placed.id).lean();
  rig.now = later(1_000);
  const extended = await apply(orders, extend(placed));
  await eventually(() => rig.emptied(placed));
  expect(calls).toEqual([`${placed.id}:0`, `${placed.id}:extension:1`]);
  expect((await rig.model.findById(placed.id).lean())?.spacedUntil).toEqual(spaced?.spacedUntil);
  await apply(orders, cancel(extended));
  rig.now = later(spacingMs - 1_001);
  await relay.sweep();
  expect(calls).toHaveLength(2);
  rig.now = later(1);
  await rig.sweepUntil(relay, () => calls.length > 2);
  expect(calls.at(-1)).toBe(`${placed.id}:1`);
});

test('When the event of an extension waits, then it is as old as the extension', async () => {
  const orders = rig.storeOf(leaveToSweep(() => rig.now));
  const placed = await rig.place(orders);
  await rig.model.updateMany({}, { $set: { outbox: [] }, $unset: { relayDueAt: 1 } });
  rig.now = later(5_000);
  await apply(orders, extend(placed));
  for (const milliseconds of [0, spacingMs])
    expect(await createOutboxStore(rig.model, milliseconds).backlog()).toEqual({
      waiting: 1,
      since: rig.now,
    });
});

test('When a buyer asks two replicas many times at once for more time and then pays, then peers get each event once, in order', async () => {
  const config = testConfig({ orderExtensionMs: 1_800_000 });
  const database = await openDatabase(config);
  const services = await startTwoServices(config);
  const peer = await connectPeer(config);
  const buyer = signedIn();
  const id = await placeOrder(services[0].url, await storeTicket(database), buyer);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const { url } = index % 2 === 0 ? services[0] : services[1];
      const answer = await fetch(`${url}/api/orders/${id}/extension`, { method: 'POST', headers: buyer });
      const { expiresAt } = (await answer.json()) as { expiresAt: string };
      return `${answer.status} ${expiresAt}`;
    }),
  );
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toMatch(/^200 /);
  await peer.publish('payment:created', { id: newId(), orderId: id });
  const seen = () => peer.seen.filter(({ data }) => data['id'] === id);
  await eventually(() => seen().some(({ subject }) => subject === 'order:paid'));
  const inOrder = seen().toSorted((one, other) => one.at - other.at);
  expect(inOrder.map(({ data }) => data['eventId'])).toEqual(
    ['0', 'extension:1', '1'].map((one) => `${id}:${one}`),
  );
});
