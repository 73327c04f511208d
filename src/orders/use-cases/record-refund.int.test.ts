import { newId } from '../../../tests/support/buyer.ts';
import { spacingMs, start, useKeptHolds } from '../../../tests/support/kept-holds.ts';
import type { Order } from '../domain/order.ts';
import { createOutboxStore } from '../store/outbox-store.ts';
import { recordRefund } from './record-refund.ts';
import { settlePayment } from './settle-payment.ts';

const rig = useKeptHolds();
const clock = () => start;

async function place(): Promise<{ order: Order; payment: { id: string; stripeChargeId: string } }> {
  return { order: await rig.place(), payment: { id: newId(), stripeChargeId: 'ch' } };
}

const settle = (orderId: string, payment: { id: string }) =>
  settlePayment({ orders: rig.orders, clock, latePayment: 'hold_again' }, orderId, payment);
const refund = (orderId: string, id: string) => recordRefund({ orders: rig.orders, clock }, orderId, { id });
const times = <Value>(count: number, one: () => Promise<Value>) => Array.from({ length: count }, one);

test('When one refund of the payment that bought is told 20 times at the same instant, then the order is cancelled once', async () => {
  const { order, payment } = await place();
  await settle(order.id, payment);
  const outcomes = await Promise.all(times(20, () => refund(order.id, payment.id)));
  expect(outcomes.filter(({ kind }) => kind === 'order_cancelled')).toHaveLength(1);
  expect(outcomes.filter(({ kind }) => kind === 'known')).toHaveLength(19);
  expect(await rig.orders.findById(order.id)).toMatchObject({ status: 'cancelled', version: 2 });
});

test('When a payment and its refund are told many times at the same instant, then the payment buys nothing in the end', async () => {
  for (let round = 0; round < 10; round++) {
    const { order, payment } = await place();
    await Promise.all([
      ...times(10, () => settle(order.id, payment)),
      ...times(10, () => refund(order.id, payment.id)),
    ]);
    const after = await rig.stored(order);
    // Whichever came first, and after all deliveries: the payment is given back, once, and no refund is asked for.
    const { stripeChargeId: _, ...given } = after?.payments[0] ?? {};
    expect([after?.payments.length, given]).toEqual([
      1,
      { id: payment.id, at: start, refund: 'refunded', refundCompletedAt: start },
    ]);
    const cancelled = ['pending', 'paid', 'cancelled'];
    const expected = after?.status === 'cancelled' ? cancelled : ['pending'];
    expect(after?.history.map(({ status }) => status)).toEqual(expected);
    expect(after?.outbox.map(({ subject }) => subject)).toEqual(
      ['order:created', 'order:paid', 'order:cancelled'].slice(0, expected.length),
    );
  }
});

test('When events are spaced, then an order whose payment is given back keeps its hold anew, though 0.1 has left an old end', async () => {
  const { order, payment } = await place();
  await settle(order.id, payment);
  // A late payment that 0.1 settles holds again and leaves the end of the hold that was kept before.
  await rig.model.collection.updateOne(
    { userId: order.userId },
    { $set: { keptUntil: new Date(start.getTime() - 1) } },
  );
  expect(await refund(order.id, payment.id)).toEqual({ kind: 'order_cancelled' });
  const kept = await rig.stored(order);
  expect(kept).toMatchObject({ status: 'cancelled', holdsTicket: true });
  expect(kept).not.toHaveProperty('keptUntil');

  const outboxes = createOutboxStore(rig.model, spacingMs);
  const leaseExpiresAt = new Date(start.getTime() + 10_000);
  for (const event of kept?.outbox ?? []) {
    const isLast = event === kept?.outbox.at(-1);
    await outboxes.removeAcknowledged([{ orderId: order.id, event, isLast, leaseExpiresAt }], start);
  }
  const until = new Date(start.getTime() + spacingMs);
  expect(await rig.stored(order)).toMatchObject({ outbox: [], holdsTicket: true, keptUntil: until });
});

test('When a process without a spacing records the refund, then the ticket is free at once', async () => {
  const { order, payment } = await place();
  await settle(order.id, payment);
  await recordRefund({ orders: rig.unspaced, clock }, order.id, { id: payment.id });
  expect(await rig.stored(order)).not.toHaveProperty('holdsTicket');
});
