import { useRelayRig } from '../../tests/support/relay-rig.ts';
import type { OutgoingEvent } from '../messaging/contracts.ts';
import type { Order } from '../orders/order.ts';
import { cancelled, refundDue } from '../orders/order-change.ts';

const rig = useRelayRig();
const restDueAt = new Date('2030-01-01T00:00:01Z');

/** Orders with nothing but `order:created` in their outboxes, which nobody sends. */
async function placeSome(howMany: number) {
  const { broker, orders } = rig.fakeStack();
  broker.connected = false;
  return { orders, placed: await Promise.all(Array.from({ length: howMany }, () => rig.place(orders))) };
}

async function outboxOf({ id }: Order): Promise<OutgoingEvent[]> {
  return (await rig.model.findById(id).lean())?.outbox ?? [];
}

async function deliver(...those: [Order, OutgoingEvent[]][]): Promise<void> {
  await rig.outboxes.remove(those.map(([{ id: orderId }, sent]) => ({ orderId, sent, restDueAt })));
}

test('When outboxes hold what was sent, then they are empty and due no more, whatever it was', async () => {
  const { orders, placed } = await placeSome(4);
  const [one, two, gone, refunded] = placed as [Order, Order, Order, Order];
  await orders.apply(cancelled(gone, { now: rig.now }));
  const payment = { id: 'pay', stripeChargeId: 'ch' };
  await orders.apply(refundDue(refunded, payment, 'already_paid', { now: rig.now }));
  expect(await rig.waiting(gone)).toHaveLength(2);
  expect(await rig.waiting(refunded)).toHaveLength(2);
  await deliver(
    [one, await outboxOf(one)],
    [two, await outboxOf(two)],
    [gone, await outboxOf(gone)],
    [refunded, await outboxOf(refunded)],
  );
  for (const order of placed) {
    expect(await rig.waiting(order)).toEqual([]);
    expect(await rig.dueAt(order)).toBeUndefined();
  }
});

test('When an order has got a further event meanwhile, then that one stays and is due, and the others are done', async () => {
  const { orders, placed } = await placeSome(3);
  const [one, gone, two] = placed as [Order, Order, Order];
  const sent = await outboxOf(gone);
  await orders.apply(cancelled(gone, { now: rig.now }));
  await deliver([one, await outboxOf(one)], [gone, sent], [two, await outboxOf(two)]);
  expect(await rig.waiting(gone)).toEqual([`${gone.id}:1`]);
  expect(await rig.dueAt(gone)).toEqual(restDueAt);
  for (const order of [one, two]) expect(await rig.dueAt(order)).toBeUndefined();
});

test('When another process has sent and removed it already, then a late removal takes no event that came after', async () => {
  const { orders, placed } = await placeSome(2);
  const [gone, refunded] = placed as [Order, Order];
  const [ofGone, ofRefunded] = [await outboxOf(gone), await outboxOf(refunded)];
  await deliver([gone, ofGone], [refunded, ofRefunded]);
  await orders.apply(cancelled(gone, { now: rig.now }));
  const payment = { id: 'pay', stripeChargeId: 'ch' };
  await orders.apply(refundDue(refunded, payment, 'already_paid', { now: rig.now }));
  await deliver([gone, ofGone], [refunded, ofRefunded]);
  expect(await rig.waiting(gone)).toEqual([`${gone.id}:1`]);
  expect(await rig.waiting(refunded)).toEqual([`${refunded.id}:refund:pay`]);
});

test('When nothing was sent, then nothing leaves, and it is due when it may be tried again', async () => {
  const { placed } = await placeSome(1);
  const [order] = placed as [Order];
  await deliver([order, []]);
  expect(await rig.waiting(order)).toEqual([`${order.id}:0`]);
  expect(await rig.dueAt(order)).toEqual(restDueAt);
});
