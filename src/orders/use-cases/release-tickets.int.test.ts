import type { Connection } from 'mongoose';
import { newId, storeTicket } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { leaveToSweep } from '../../outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { ticketModel } from '../../tickets/store/ticket-model.ts';
import { createWithdrawalStore } from '../../tickets/store/withdrawal-store.ts';
import { changeSale } from '../../tickets/use-cases/change-sale.ts';
import * as transitions from '../domain/transitions.ts';
import { orderCollection } from '../store/order-indexes.ts';
import { orderModel } from '../store/order-model.ts';
import { createOrderStore, type OrderStore } from '../store/order-store.ts';
import { createTicketHolderStore } from '../store/ticket-holder-store.ts';
import { placeOrder } from './place-order.ts';
import { type HolderOutcome, planHolders, releaseHolders, releaseWithdrawn } from './release-tickets.ts';
import { settlePayment } from './settle-payment.ts';

const clock = () => new Date();
const reason = 'the hall is closed';
let database: Connection;
let orders: OrderStore;

beforeAll(async () => {
  database = await openDatabase(testConfig());
  await ensureIndexes([orderCollection(database)]);
  orders = storeOf();
});

const storeOf = (eventSpacingMs = 0) =>
  createOrderStore(orderModel(database), ticketModel(database), leaveToSweep(clock), { eventSpacingMs });
const deps = () => ({
  ...{ orders, clock, holders: createTicketHolderStore(orderModel(database)) },
  signal: new AbortController().signal,
});
const withdraw = (...ticketIds: string[]) =>
  changeSale({ withdrawals: createWithdrawalStore(ticketModel(database)), clock }, 'withdraw', ticketIds);
const settle = (orderId: string, id: string, store = orders) =>
  settlePayment({ orders: store, clock, latePayment: 'hold_again' }, orderId, {
    id,
    stripeChargeId: `ch ${id}`,
  });

async function place(ticketId: string): Promise<string> {
  const outcome = await placeOrder({ orders, clock, holdMs: 900_000 }, { userId: newId(), ticketId });
  if (outcome.kind !== 'placed') throw new Error(outcome.kind);
  return outcome.order.id;
}

async function stored(id: string) {
  const record = await orderModel(database).findById(id).lean();
  if (!record) throw new Error('there is no such order');
  return record;
}

async function all<Outcome>(outcomes: AsyncIterable<HolderOutcome<Outcome>>) {
  const found: HolderOutcome<Outcome>[] = [];
  for await (const outcome of outcomes) found.push(outcome);
  return found;
}

test('When tickets are released, then pending and paid orders are cancelled, with their events in one write, and others stay', async () => {
  const tickets = await Promise.all([1, 2, 3].map(() => storeTicket(database)));
  const [pending = '', paid = ''] = await Promise.all(tickets.slice(0, 2).map(place));
  await settle(paid, 'p');
  expect(await all(planHolders(deps(), tickets))).toMatchObject([
    { orderId: pending, outcome: { kind: 'release', order: { status: 'pending' } } },
    { orderId: paid, outcome: { kind: 'release', order: { status: 'paid' } } },
    { ticketId: tickets[2], outcome: { kind: 'not_held' } },
  ]);
  expect(await stored(paid)).toMatchObject({ status: 'paid' });

  expect(await all(releaseHolders(deps(), { ticketIds: tickets, reason }))).toMatchObject([
    { orderId: pending, outcome: { kind: 'released', from: 'pending' } },
    { orderId: paid, outcome: { kind: 'released', from: 'paid' } },
    { ticketId: tickets[2], outcome: { kind: 'not_held' } },
  ]);
  const [one, two] = [await stored(pending), await stored(paid)];
  expect(one).toMatchObject({
    status: 'cancelled',
    version: 1,
    history: [{}, { cause: 'operator', reason }],
  });
  expect(one.outbox.map(({ eventId }) => eventId)).toEqual([`${pending}:0`, `${pending}:1`]);
  expect(two).toMatchObject({
    ...{ status: 'cancelled', version: 2, history: [{}, {}, { cause: 'operator', reason }] },
    payments: [{ id: 'p', refund: 'operator', refundDueAt: expect.any(Date) as Date }],
  });
  expect(two.outbox.map(({ eventId }) => eventId)).toEqual([
    ...[0, 1, 2].map((version) => `${paid}:${version}`),
    `${paid}:refund:p`,
  ]);
  for (const order of [one, two]) expect(order).not.toHaveProperty('holdsTicket');

  expect(await all(releaseHolders(deps(), { ticketIds: tickets, reason: 'again' }))).toEqual(
    tickets.map((ticketId) => ({ ticketId, outcome: { kind: 'not_held' } })),
  );
  expect(await stored(paid)).toEqual(two);
});

test('When 0.1 has paid an order, which does not name its payment, then that is released, and says what had bought it', async () => {
  const ticketId = await storeTicket(database);
  const id = await place(ticketId);
  await settle(id, 'p');
  const { _id } = await stored(id);
  await database.collection('orders').updateOne({ _id }, { $unset: { 'history.1.paymentId': 1 } });
  const [one] = await all(releaseHolders(deps(), { ticketIds: [ticketId], reason }));
  expect(one).toMatchObject({ outcome: { kind: 'released', from: 'paid' } });
  expect(await stored(id)).toMatchObject({
    ...{ status: 'cancelled', version: 2, payments: [{ id: 'p', refund: 'operator' }] },
    history: [{ status: 'pending' }, { status: 'paid', paymentId: 'p' }, { cause: 'operator', reason }],
  });
});

test('When an order has let its ticket go but keeps its hold for a while, then there is nothing to release', async () => {
  const ticketId = await storeTicket(database);
  const order = await orders.findById(await place(ticketId));
  if (!order) throw new Error('not placed');
  await storeOf(6_000).apply(transitions.cancel(order, { now: clock() }));
  expect(await stored(order.id)).toMatchObject({ status: 'cancelled', holdsTicket: true });
  expect(await all(planHolders(deps(), [ticketId]))).toEqual([{ ticketId, outcome: { kind: 'not_held' } }]);
});

test('When one order cannot be read, then it is named, and the others are released', async () => {
  const tickets = await Promise.all([1, 2].map(() => storeTicket(database)));
  const [broken = '', whole = ''] = await Promise.all(tickets.map(place));
  await database
    .collection('orders')
    .updateOne({ _id: (await stored(broken))._id }, { $set: { version: 'x' } });
  const outcomes = await all(releaseHolders(deps(), { ticketIds: tickets, reason }));
  expect(outcomes).toMatchObject([
    { orderId: broken, outcome: { kind: 'failed', problem: expect.any(String) as string } },
    { orderId: whole, outcome: { kind: 'released' } },
  ]);
});

/** Lets go what waits at it. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const pass = async () => {
    reach();
    await opened;
  };
  return { open, reached, pass };
}

test('When a purchase and a late payment were frozen between their read and their write, then the last look finds both', async () => {
  const [bought, expired] = [await storeTicket(database), await storeTicket(database)];
  const late = await orders.findById(await place(expired));
  if (!late) throw new Error('not placed');
  await orders.apply(transitions.expire(late, 'expiry', { now: clock() }));
  const [purchaseGate, paymentGate] = [gate(), gate()];
  const frozenPurchase = placeOrder(
    {
      ...{ clock, holdMs: 900_000 },
      orders: { ...orders, insert: (...order) => purchaseGate.pass().then(() => orders.insert(...order)) },
    },
    { userId: newId(), ticketId: bought },
  );
  const frozenPayment = settle(late.id, 'p', {
    ...orders,
    apply: (...change) => paymentGate.pass().then(() => orders.apply(...change)),
  });
  await Promise.all([purchaseGate.reached, paymentGate.reached]);

  const tickets = [bought, expired];
  await withdraw(...tickets);
  let now = 0;
  const outcomes = await all(
    releaseWithdrawn(
      {
        ...deps(),
        uptimeMs: () => now,
        async sleep(milliseconds) {
          now += milliseconds;
          purchaseGate.open();
          paymentGate.open();
          await Promise.all([frozenPurchase, frozenPayment]);
        },
      },
      { ticketIds: tickets, reason },
    ),
  );
  const placed = await frozenPurchase;
  expect(await frozenPayment).toMatchObject({ kind: 'paid' });
  const placedId = placed.kind === 'placed' ? placed.order.id : placed.kind;
  expect(outcomes).toMatchObject([
    { ticketId: bought, outcome: { kind: 'not_held' } },
    { ticketId: expired, outcome: { kind: 'not_held' } },
    { ticketId: bought, orderId: placedId, outcome: { kind: 'released', from: 'pending' } },
    { ticketId: expired, orderId: late.id, outcome: { kind: 'released', from: 'paid' } },
  ]);
  for (const id of [placedId, late.id]) expect(await stored(id)).toMatchObject({ status: 'cancelled' });
  expect(await settle(placedId, 'q')).toEqual({ kind: 'refund_due', reason: 'order_cancelled' });
});

test('When an operator is asked to stop, then no further page is begun', async () => {
  const tickets = await Promise.all(Array.from({ length: 101 }, () => storeTicket(database)));
  await Promise.all(tickets.map(place));
  const stopping = new AbortController();
  const run = async () => {
    for await (const { outcome } of releaseHolders(
      { ...deps(), signal: stopping.signal },
      { ticketIds: tickets, reason },
    ))
      if (outcome.kind === 'released') stopping.abort(new Error('SIGTERM'));
  };
  await expect(run()).rejects.toThrow('SIGTERM');
  const released = (await all(planHolders(deps(), tickets))).filter(({ orderId }) => orderId === undefined);
  expect(released).toHaveLength(100);
});
