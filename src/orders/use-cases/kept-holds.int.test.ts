import { newId } from '../../../tests/support/buyer.ts';
import { at, holdMs, spacingMs, start, useKeptHolds } from '../../../tests/support/kept-holds.ts';
import type { KeptHold } from '../domain/kept-hold.ts';
import type { Order } from '../domain/order.ts';
import * as transitions from '../domain/transitions.ts';
import type { OrderStore } from '../store/order-store.ts';
import { placeOrder } from './place-order.ts';
import { settlePayment } from './settle-payment.ts';

/** Purchases and payments that meet a ticket which was let go a moment ago. */

const rig = useKeptHolds();
const payment = { id: 'pay', stripeChargeId: 'ch' };
const spaced = () => ({ orders: rig.orders, clock: () => rig.now, holdMs, eventSpacingMs: spacingMs });
const unspaced = () => ({ orders: rig.unspaced, clock: () => rig.now, holdMs });
const buy = ({ ticketId }: Order, deps: Parameters<typeof placeOrder>[0] = spaced(), userId = newId()) =>
  placeOrder(deps, { userId, ticketId });
const pay = ({ id }: Order, orders: OrderStore = rig.orders) =>
  settlePayment({ orders, clock: () => rig.now, latePayment: 'hold_again' }, id, payment);

async function expire(order: Order): Promise<Order> {
  const expired = await rig.orders.apply(transitions.expire(order, 'expiry', { now: rig.now }));
  if (typeof expired !== 'object') throw new Error(expired);
  return expired;
}

/** An expired order, without a hold, whose ticket is that of the other. */
async function expiredOrderOf({ ticketId, ticket }: Order): Promise<Order> {
  const newOrder = { id: newId(), userId: newId(), ticket: { id: ticketId, ...ticket }, holdMs: 1 };
  const { order } = transitions.place(newOrder, { now: start });
  const other = await rig.place();
  const expired = await expire(other);
  const { keptHold } = await rig.orders.findTicketHold(other.ticketId);
  if (keptHold) await rig.orders.endKeptHold(keptHold);
  await rig.model.updateOne({ _id: expired.id }, { $set: { ticketId: order.ticketId } });
  return { ...expired, ticketId };
}

test('When a ticket was let go, then others and the same buyer wait until its end, and no order is named', async () => {
  const kept = await rig.keep({ keptUntil: at(1_000) });
  rig.now = at(999);
  const reserved = { kind: 'ticket_reserved', availableAt: at(1_000) };
  expect(await buy(kept)).toEqual(reserved);
  expect(await buy(kept, spaced(), kept.userId)).toEqual(reserved);
  rig.now = at(1_000);
  expect(await buy(kept)).toMatchObject({ kind: 'placed' });
  const stored = await rig.stored(kept);
  expect(stored).not.toHaveProperty('holdsTicket');
  expect(stored).not.toHaveProperty('keptUntil');
});

test('When order:cancelled is still to be sent, then the ticket is free a spacing from now at the earliest, and nothing is written', async () => {
  const kept = await rig.keep();
  const before = await rig.stored(kept);
  rig.now = at(30_000);
  expect(await buy(kept)).toEqual({ kind: 'ticket_reserved', availableAt: at(30_000 + spacingMs) });
  expect(await rig.stored(kept)).toEqual(before);
});

test('When nobody has stored an end, then the first purchase does, and the later ones wait for that, though a refund is to be sent', async () => {
  const kept = await rig.keepWithoutEnd();
  const refund = transitions.requireRefund(kept, payment, 'order_cancelled', { now: start });
  expect(await rig.orders.apply(refund)).toMatchObject({ status: 'cancelled' });
  const reserved = { kind: 'ticket_reserved', availableAt: at(spacingMs) };
  expect(await buy(kept)).toEqual(reserved);
  rig.now = at(spacingMs - 1);
  expect(await buy(kept)).toEqual(reserved);
  rig.now = at(spacingMs);
  expect(await buy(kept)).toMatchObject({ kind: 'placed' });
});

test('When an overdue order is taken over, then it expires and keeps its hold, so that the purchase is refused', async () => {
  const order = await rig.place();
  rig.now = at(holdMs);
  const insert = jest.fn(rig.orders.insert);
  const deps = { ...spaced(), orders: { ...rig.orders, insert } };
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => buy(order, deps)));
  const reserved = { kind: 'ticket_reserved', availableAt: at(holdMs + spacingMs) };
  expect(outcomes).toEqual(Array.from({ length: 8 }, () => reserved));
  expect(insert).not.toHaveBeenCalled();
  const stored = await rig.stored(order);
  expect(stored).toMatchObject({ status: 'expired', version: 1, holdsTicket: true });
  expect(stored?.history.map(({ cause }) => cause)).toEqual(['buyer', 'takeover']);
  expect(stored?.outbox).toHaveLength(2);
});

test('When a user makes room by an overdue order, then its ticket waits, and its slot does not', async () => {
  const limited = { ...spaced(), maxPending: 1 };
  const userId = newId();
  const [first, free] = [await rig.place(), await rig.place()];
  await rig.model.deleteMany({});
  expect(await buy(first, limited, userId)).toMatchObject({ kind: 'placed' });
  rig.now = at(holdMs);
  expect(await buy(free, limited, userId)).toMatchObject({ kind: 'placed' });
  expect(await buy(first)).toMatchObject({ kind: 'ticket_reserved' });
});

test('When there is no spacing, then what others keep counts as free, and a takeover goes on at once', async () => {
  const [sent, unsent] = [await rig.keep({ keptUntil: at(60_000) }), await rig.keep()];
  const overdue = await rig.place();
  rig.now = at(holdMs);
  for (const order of [sent, unsent, overdue]) {
    expect(await buy(order, unspaced())).toMatchObject({ kind: 'placed' });
    expect(await rig.stored(order)).not.toHaveProperty('holdsTicket');
  }
  expect((await rig.stored(unsent))?.outbox).toHaveLength(2);
});

test('When many buy a ticket whose kept hold is over, then one gets it', async () => {
  const kept = await rig.keep({ keptUntil: start });
  const outcomes = await Promise.all(Array.from({ length: 12 }, () => buy(kept)));
  expect(outcomes.filter(({ kind }) => kind === 'placed')).toHaveLength(1);
  expect(outcomes.filter(({ kind }) => kind === 'ticket_reserved')).toHaveLength(11);
});

test('When a kept hold cannot be ended, then the purchase is refused for now, and the payment is not settled', async () => {
  const kept = await rig.keep({ keptUntil: start });
  const late = await expiredOrderOf(kept);
  const endKeptHold = () => Promise.reject(new TypeError('its version is text'));
  const apply: OrderStore['apply'] = (change, keptHold) =>
    keptHold ? endKeptHold() : rig.orders.apply(change);
  const orders = { ...rig.orders, endKeptHold, apply };
  expect(await buy(kept, { ...spaced(), orders })).toEqual({ kind: 'conflict' });
  await expect(pay(late, orders)).rejects.toThrow('its version is text');
});

test('When the order that lets go is paid late, then it holds its ticket again, before and after its end', async () => {
  for (const keptUntil of [undefined, at(spacingMs), at(-1)]) {
    const expired = await expire(await rig.place());
    if (keptUntil) await rig.model.updateOne({ _id: expired.id }, { $set: { keptUntil } });
    expect(await pay(expired)).toMatchObject({ kind: 'paid' });
    const stored = await rig.stored(expired);
    expect(stored).toMatchObject({ status: 'paid', version: 2, holdsTicket: true });
    expect(stored).not.toHaveProperty('keptUntil');
    expect(await buy(expired)).toMatchObject({ kind: 'ticket_sold' });
  }
});

test('When another order is paid late, then it takes the kept hold over, whatever its time', async () => {
  for (const keptUntil of [undefined, at(spacingMs)]) {
    const kept = await rig.keep(keptUntil && { keptUntil });
    const late = await expiredOrderOf(kept);
    expect(await pay(late)).toMatchObject({ kind: 'paid' });
    expect(await rig.stored(kept)).not.toHaveProperty('holdsTicket');
    expect((await rig.stored(kept))?.outbox).toHaveLength(2);
    expect(await buy(kept)).toMatchObject({ kind: 'ticket_sold' });
  }
});

test('When a buyer comes while another order that is paid late takes the kept hold over, then the buyer is refused', async () => {
  const kept = await rig.keep();
  const late = await expiredOrderOf(kept);
  const buyers: unknown[] = [];
  const orders = {
    ...rig.orders,
    async endKeptHold(hold: KeptHold) {
      await rig.orders.endKeptHold(hold);
      buyers.push(await buy(kept));
    },
    async apply(...write: Parameters<typeof rig.orders.apply>) {
      const outcome = await rig.orders.apply(...write);
      buyers.push(await buy(kept));
      return outcome;
    },
  };
  expect(await pay(late, orders)).toMatchObject({ kind: 'paid' });
  expect(buyers.at(0)).toMatchObject({ kind: 'ticket_reserved' });
  expect(buyers.at(-1)).toMatchObject({ kind: 'ticket_sold' });
});

test('When a kept hold has changed since it was read, then the late payment of another order does not end it', async () => {
  const kept = await rig.keep();
  const late = await expiredOrderOf(kept);
  const { keptHold } = await rig.orders.findTicketHold(kept.ticketId);
  await rig.orders.apply(transitions.requireRefund(kept, payment, 'order_cancelled', { now: start }));
  await rig.model.updateOne({ _id: kept.id }, { $set: { keptUntil: at(1_000) } });
  const change = transitions.pay(late, payment, { now: start });
  expect(await rig.orders.apply(change, keptHold)).toBe('ticket_taken');
  expect(await rig.stored(kept)).toMatchObject({ holdsTicket: true });
  expect(await rig.stored(late)).toMatchObject({ status: 'expired', version: 1 });
});

test('When another order is paid late and the holder is overdue, then that expires and its kept hold ends in the same handling', async () => {
  const holder = await rig.place();
  const late = await expiredOrderOf(holder);
  rig.now = at(holdMs);
  expect(await pay(late)).toMatchObject({ kind: 'paid' });
  const stored = await rig.stored(holder);
  expect(stored).toMatchObject({ status: 'expired', version: 1 });
  expect(stored).not.toHaveProperty('holdsTicket');
});

test('When another order is paid late and the holder is pending or paid, then the ticket is taken', async () => {
  const [pending, paid] = [await rig.place(), await rig.place()];
  expect(await pay(paid)).toMatchObject({ kind: 'paid' });
  for (const holder of [pending, paid])
    expect(await pay(await expiredOrderOf(holder))).toEqual({ kind: 'refund_due', reason: 'ticket_taken' });
});
