import { useTestRelays } from '../../../tests/support/test-relays.ts';
import type { OutboxEvent } from '../../outbox/outbox-event.ts';
import type { Order } from '../domain/order.ts';
import * as transitions from '../domain/transitions.ts';

const rig = useTestRelays();
const leaseExpiresAt = new Date('2030-01-01T00:00:10Z');

/** Orders with nothing but `order:created` in their outboxes, which nobody sends. */
async function placeSome(howMany: number) {
  const { broker, orders } = rig.fakeStack();
  broker.connected = false;
  return { orders, placed: await Promise.all(Array.from({ length: howMany }, () => rig.place(orders))) };
}

async function outboxOf({ id }: Order): Promise<OutboxEvent[]> {
  return (await rig.model.findById(id).lean())?.outbox ?? [];
}

/** Has the first event of each acknowledged. Resolves with the ids of what is left to be sent of each. */
async function acknowledge(...those: [Order, OutboxEvent[]][]): Promise<string[][]> {
  const rest = await rig.outboxes.removeAcknowledged(
    those.flatMap(([{ id: orderId }, [event, ...more]]) =>
      event ? [{ orderId, event, isLast: more.length === 0, leaseExpiresAt }] : [],
    ),
    rig.now,
  );
  return rest.map((events) => events.map(({ eventId }) => eventId));
}

test('When outboxes hold what was acknowledged, then they are empty and due no more, whatever it was', async () => {
  const { orders, placed } = await placeSome(4);
  const [one, two, gone, refunded] = placed as [Order, Order, Order, Order];
  await orders.apply(transitions.cancel(gone, { now: rig.now }));
  const payment = { id: 'pay', stripeChargeId: 'ch' };
  await orders.apply(transitions.requireRefund(refunded, payment, 'already_paid', { now: rig.now }));
  const all = async () =>
    Promise.all(placed.map(async (order): Promise<[Order, OutboxEvent[]]> => [order, await outboxOf(order)]));
  expect(await acknowledge(...(await all()))).toEqual([
    [],
    [],
    [`${gone.id}:1`],
    [`${refunded.id}:refund:pay`],
  ]);
  expect(await rig.dueAt(gone)).toEqual(leaseExpiresAt);
  expect(await acknowledge(...(await all()))).toEqual([[], []]);
  for (const order of [one, two, gone, refunded]) {
    expect(await rig.waiting(order)).toEqual([]);
    expect(await rig.dueAt(order)).toBeUndefined();
  }
});

test('When an order has got another event before the removal, then that one is claimed and leased, and the others are done', async () => {
  const { orders, placed } = await placeSome(3);
  const [one, gone, two] = placed as [Order, Order, Order];
  const sent = await outboxOf(gone);
  await orders.apply(transitions.cancel(gone, { now: rig.now }));
  const rest = await acknowledge([one, await outboxOf(one)], [gone, sent], [two, await outboxOf(two)]);
  expect(rest).toEqual([[], [`${gone.id}:1`], []]);
  expect(await rig.waiting(gone)).toEqual([`${gone.id}:1`]);
  expect(await rig.dueAt(gone)).toEqual(leaseExpiresAt);
  for (const order of [one, two]) expect(await rig.dueAt(order)).toBeUndefined();
});

test('When another process has sent and removed it already, then a late removal neither takes nor claims what came after', async () => {
  const { orders, placed } = await placeSome(2);
  const [gone, refunded] = placed as [Order, Order];
  const [ofGone, ofRefunded] = [await outboxOf(gone), await outboxOf(refunded)];
  await acknowledge([gone, ofGone], [refunded, ofRefunded]);
  await orders.apply(transitions.cancel(gone, { now: rig.now }));
  const payment = { id: 'pay', stripeChargeId: 'ch' };
  await orders.apply(transitions.requireRefund(refunded, payment, 'already_paid', { now: rig.now }));
  expect(await acknowledge([gone, ofGone], [refunded, ofRefunded])).toEqual([[], []]);
  expect(await rig.waiting(gone)).toEqual([`${gone.id}:1`]);
  expect(await rig.dueAt(gone)).toEqual(rig.now);
  expect(await rig.waiting(refunded)).toEqual([`${refunded.id}:refund:pay`]);
});
