import { at, spacingMs, start, useKeptHolds } from '../../../tests/support/kept-holds.ts';
import type { Order } from '../domain/order.ts';
import type { OrderChange } from '../domain/order-change.ts';
import * as transitions from '../domain/transitions.ts';
import type { OrderRecord } from './order-model.ts';
import { createOutboxStore } from './outbox-store.ts';

/** What the removal of an acknowledged event stores about a kept hold. */

const rig = useKeptHolds();
const payment = { id: 'pay', stripeChargeId: 'ch' };
const removedAt = at(60_000);
const keptUntil = at(60_000 + spacingMs);

async function apply(change: OrderChange): Promise<Order> {
  const order = await rig.orders.apply(change);
  if (typeof order !== 'object') throw new Error(order);
  return order;
}

/** Has the event acknowledged for a process with this spacing. Resolves with the order as it is stored then. */
async function acknowledge(
  order: { id: string },
  eventId: string,
  { milliseconds = spacingMs, isLast = false } = {},
): Promise<OrderRecord | null> {
  const event = (await rig.stored(order))?.outbox.find((one) => one.eventId === `${order.id}:${eventId}`);
  if (!event) throw new Error(`${eventId} is not in the outbox`);
  await createOutboxStore(rig.model, milliseconds).removeAcknowledged(
    [{ orderId: order.id, event, isLast, leaseExpiresAt: at(70_000) }],
    removedAt,
  );
  return rig.stored(order);
}

test.each([{ isLast: true }, { isLast: false }])(
  'When order:cancelled is acknowledged, then its ticket is free a spacing later (%o)',
  async (expected) => {
    const kept = await rig.keep();
    expect(await acknowledge(kept, '0')).not.toHaveProperty('keptUntil');
    expect(await acknowledge(kept, '1', expected)).toMatchObject({
      outbox: [],
      holdsTicket: true,
      keptUntil,
    });
  },
);

test('When a refund waits behind order:cancelled, then the time is the same, and the removal of the refund leaves it', async () => {
  const kept = await rig.keep();
  await apply(transitions.requireRefund(kept, payment, 'order_cancelled', { now: start }));
  await acknowledge(kept, '0');
  expect(await acknowledge(kept, '1')).toMatchObject({ outbox: [{}], keptUntil });
  expect(await acknowledge(kept, 'refund:pay')).toMatchObject({ outbox: [], keptUntil });
});

test('When a process without a spacing removes order:cancelled, then no time is stored', async () => {
  const kept = await rig.keep();
  await acknowledge(kept, '0', { milliseconds: 0 });
  const stored = await acknowledge(kept, '1', { milliseconds: 0, isLast: true });
  expect(stored).toMatchObject({ outbox: [], holdsTicket: true });
  expect(stored).not.toHaveProperty('keptUntil');
});

test.each([true, false])(
  'When the order has no hold, since it was let go without a spacing or taken over, then no time is stored (last: %s)',
  async (isLast) => {
    const kept = await rig.keep();
    const { keptHold } = await rig.orders.findTicketHold(kept.ticketId);
    if (keptHold) await rig.orders.endKeptHold(keptHold);
    await acknowledge(kept, '0');
    const stored = await acknowledge(kept, '1', { isLast });
    expect(stored).toMatchObject({ outbox: [], status: 'cancelled' });
    expect(stored).not.toHaveProperty('keptUntil');
  },
);

test.each([true, false])(
  'When the order holds its ticket again, then no time is stored, and one that was there is gone (last: %s)',
  async (isLast) => {
    const expired = await apply(transitions.expire(await rig.place(), 'expiry', { now: start }));
    await acknowledge(expired, '0');
    await rig.model.updateOne({ _id: expired.id }, { $set: { keptUntil: at(1) } });
    await apply(transitions.pay(expired, payment, { now: start }));
    expect(await rig.stored(expired)).not.toHaveProperty('keptUntil');
    const stored = await acknowledge(expired, '1', { isLast });
    expect(stored).toMatchObject({
      status: 'paid',
      holdsTicket: true,
      outbox: [{ eventId: `${expired.id}:2` }],
    });
    expect(stored).not.toHaveProperty('keptUntil');
  },
);

test('When the acknowledged event is order:paid, then no time is stored', async () => {
  const order = await rig.place();
  await apply(transitions.pay(order, payment, { now: start }));
  await acknowledge(order, '0');
  const stored = await acknowledge(order, '1', { isLast: true });
  expect(stored).toMatchObject({ status: 'paid', outbox: [], holdsTicket: true });
  expect(stored).not.toHaveProperty('keptUntil');
});

test('When an order has let its ticket go once more, then only its latest order:cancelled counts', async () => {
  const expired = await apply(transitions.expire(await rig.place(), 'expiry', { now: start }));
  await acknowledge(expired, '0');
  // As when the payment that bought it was given back.
  const again = { subject: 'order:cancelled', eventId: `${expired.id}:3`, data: { version: 3 } };
  await rig.model.collection.updateOne({ 'outbox.eventId': `${expired.id}:1` }, {
    $set: { status: 'cancelled', version: 3 },
    $push: { outbox: again },
  } as object);
  expect(await acknowledge(expired, '1')).not.toHaveProperty('keptUntil');
  expect(await acknowledge(expired, '3', { isLast: true })).toMatchObject({ keptUntil });
});

test.each([true, false])(
  'When a removal was frozen until the hold had ended and another order was placed, then it changes nothing (last: %s)',
  async (isLast) => {
    const kept = await rig.keep();
    await acknowledge(kept, '0');
    const [event] = (await rig.stored(kept))?.outbox ?? [];
    if (!event) throw new Error('nothing to be sent');
    const frozen = {
      orderId: kept.id,
      event,
      isLast,
      leaseExpiresAt: at(99_000),
    };
    // Its lease is over: another process sends and removes the event, and the hold ends.
    expect(await acknowledge(kept, '1')).toMatchObject({ keptUntil });
    const remove = () => createOutboxStore(rig.model, spacingMs).removeAcknowledged([frozen], at(90_000));
    expect(await remove()).toEqual([[]]);
    expect(await rig.stored(kept)).toMatchObject({ keptUntil });
    const { keptHold } = await rig.orders.findTicketHold(kept.ticketId);
    if (keptHold) await rig.orders.endKeptHold(keptHold);
    const ended = await rig.stored(kept);
    expect(ended).not.toHaveProperty('holdsTicket');
    expect(await remove()).toEqual([[]]);
    expect(await rig.stored(kept)).toEqual(ended);
  },
);

test.each([true, false])(
  'When a removal was frozen while a late payment bought the ticket again, then that has it, without a time (last: %s)',
  async (isLast) => {
    const expired = await apply(transitions.expire(await rig.place(), 'expiry', { now: start }));
    await acknowledge(expired, '0');
    const [event] = (await rig.stored(expired))?.outbox ?? [];
    if (!event) throw new Error('nothing to be sent');
    await apply(transitions.pay(expired, payment, { now: start }));
    const removal = { orderId: expired.id, event, isLast, leaseExpiresAt: at(70_000) };
    await createOutboxStore(rig.model, spacingMs).removeAcknowledged([removal], removedAt);
    const stored = await rig.stored(expired);
    expect(stored).toMatchObject({ status: 'paid', holdsTicket: true, outbox: [{ subject: 'order:paid' }] });
    expect(stored).not.toHaveProperty('keptUntil');
  },
);
