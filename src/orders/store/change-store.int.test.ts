import type { Connection } from 'mongoose';
import { newId } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../../../tests/support/running-service.ts';
import { leaveToSweep, type OutboxNotifier } from '../../outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { ticketModel } from '../../tickets/store/ticket-model.ts';
import type { Order } from '../domain/order.ts';
import * as refunds from '../domain/refund-transitions.ts';
import * as transitions from '../domain/transitions.ts';
import { orderCollection } from './order-indexes.ts';
import { orderModel } from './order-model.ts';
import { createOrderStore, type OrderStore } from './order-store.ts';

const notified: string[] = [];
const silent = leaveToSweep(() => new Date());
const notifier: OutboxNotifier = {
  ...silent,
  notify: ({ events, writeId }) =>
    void notified.push(...events.filter((event) => event.sender === writeId).map(({ eventId }) => eventId)),
};
const reported: string[] = [];
const now = new Date();
let database: Connection;
let changes: OrderStore;
/** The commands that the store sends. */
const commands: string[] = [];

beforeAll(async () => {
  const config = testConfig();
  database = await openDatabase(config);
  await ensureIndexes([orderCollection(database)]);
  const watched = await watchDatabase(config);
  watched.getClient().on('commandStarted', ({ commandName }) => commands.push(commandName));
  changes = createOrderStore(orderModel(watched), ticketModel(watched), notifier, {
    onChange: ({ events }) => void reported.push(...events.map(({ eventId }) => eventId)),
  });
});
beforeEach(() => {
  for (const list of [notified, reported, commands]) list.length = 0;
});

async function place(ticketId = newId()): Promise<Order> {
  const ticket = { id: ticketId, title: 'A', price: 1, version: 0 };
  const { order, event } = transitions.place(
    { id: newId(), userId: newId(), ticket, holdMs: 60_000 },
    { now },
  );
  await createOrderStore(orderModel(database), ticketModel(database), silent).insert(order, event);
  return order;
}

const statusOf = (outcome: Order | string) => (typeof outcome === 'string' ? outcome : outcome.status);

test('When changes are written together, then each has its own outcome, and only those written are reported', async () => {
  const [gone, free, stale] = await Promise.all([place(), place(), place()]);
  const late = (await changes.apply(transitions.expire(gone, 'expiry', { now }))) as Order;
  const holder = await place(gone.ticketId);
  await changes.apply(transitions.cancel(stale, { now }));
  for (const list of [notified, reported, commands]) list.length = 0;

  const payment = { id: 'pay', stripeChargeId: 'ch' };
  const outcomes = await Promise.all([
    changes.apply(transitions.pay(late, payment, { now })),
    changes.apply(transitions.cancel(free, { now })),
    changes.apply(transitions.pay(stale, payment, { now })),
    changes.apply(transitions.pay(holder, payment, { now })),
  ]);
  expect(outcomes.map(statusOf)).toEqual(['ticket_taken', 'cancelled', 'outdated', 'paid']);
  expect(outcomes[1]).toMatchObject({
    version: 1,
    history: [{ version: 0 }, { version: 1, cause: 'buyer' }],
  });
  expect(new Set(reported)).toEqual(new Set([`${free.id}:1`, `${holder.id}:1`]));
  expect(new Set(notified)).toEqual(new Set(reported));
  expect(commands).toEqual(['update', 'find']);
});

test('When the same change is wanted many times at once, then one writes it', async () => {
  const order = await place();
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => changes.apply(transitions.cancel(order, { now }))),
  );
  expect(outcomes.filter((outcome) => outcome !== 'outdated')).toHaveLength(1);
  expect(reported).toEqual([`${order.id}:1`]);
  expect(await database.collection('orders').findOne({ userId: order.userId })).toMatchObject({
    version: 1,
    outbox: [{ eventId: `${order.id}:0` }, { eventId: `${order.id}:1` }],
  });
});

test('When one payment is found too late many times at once, then one refund is due', async () => {
  const order = (await changes.apply(transitions.cancel(await place(), { now }))) as Order;
  const refund = transitions.requireRefund(order, { id: 'pay', stripeChargeId: 'ch' }, 'order_cancelled', {
    now,
  });
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => changes.apply(refund)));
  expect(outcomes.filter((outcome) => outcome !== 'outdated')).toMatchObject([
    { status: 'cancelled', version: 1, payments: [{ id: 'pay', refund: 'order_cancelled' }] },
  ]);
});

test('When an operator releases a paid order, then one write has both events in their order, and both are reported', async () => {
  const order = await place();
  const paid = (await changes.apply(transitions.pay(order, { id: 'pay' }, { now }))) as Order;
  for (const list of [notified, reported, commands]) list.length = 0;
  const after = (await changes.apply(refunds.release(paid, 'broken seat', { now }))) as Order;
  const both = [`${order.id}:2`, `${order.id}:refund:pay`];
  expect([reported, notified, commands]).toEqual([both, both, ['update', 'find']]);
  expect(after).toMatchObject({
    ...{ status: 'cancelled', version: 2, payments: [{ id: 'pay', refund: 'operator', refundDueAt: now }] },
    history: [{}, { paymentId: 'pay' }, { cause: 'operator', reason: 'broken seat' }],
  });
  const stored = await database.collection('orders').findOne({ userId: order.userId });
  expect(stored).not.toHaveProperty('holdsTicket');
  expect(stored?.['outbox'].map(({ eventId }: { eventId: string }) => eventId).slice(-2)).toEqual(both);
});

test('When what becomes of a payment is written many times at once, then once, and nobody is told', async () => {
  const order = await place();
  const mark = refunds.markAhead(order, { id: 'pay' }, { now });
  const marked = await Promise.all(Array.from({ length: 20 }, () => changes.apply(mark)));
  const [known, ...others] = marked.filter((outcome) => outcome !== 'outdated');
  expect(others).toEqual([]);
  const charge = refunds.addCharge(known as Order, { id: 'pay', stripeChargeId: 'ch' });
  const charged = await Promise.all(Array.from({ length: 20 }, () => changes.apply(charge)));
  expect(charged.filter((outcome) => outcome !== 'outdated')).toMatchObject([
    {
      status: 'pending',
      version: 0,
      payments: [{ id: 'pay', refund: 'refunded', refundCompletedAt: now, stripeChargeId: 'ch' }],
    },
  ]);
  expect([notified, reported]).toEqual([[], []]);
  const stored = await database.collection('orders').findOne({ userId: order.userId });
  expect(stored?.['outbox']).toHaveLength(1);
});

test.each([
  ['given back', 'refund', (order: Order) => refunds.cancelRefunded(order, { id: 'pay' }, { now })],
  ['released', 'operator', (order: Order) => refunds.release(order, 'broken seat', { now })],
] as const)(
  'When an order that 0.1 has paid is %s, then the history names the payment, and nothing else of it changes',
  async (_, cause, change) => {
    const order = await place();
    await changes.apply(transitions.pay(order, { id: 'pay' }, { now }));
    const filter = { userId: order.userId };
    await database.collection('orders').updateOne(filter, { $unset: { 'history.1.paymentId': 1 } });
    const paid = (await changes.findById(order.id)) as Order;
    expect(await changes.apply(change(paid))).toMatchObject({ status: 'cancelled', version: 2 });
    expect((await changes.findById(order.id))?.history).toEqual([
      ...order.history,
      { status: 'paid', version: 1, at: now, cause: 'payment', paymentId: 'pay' },
      expect.objectContaining({ status: 'cancelled', version: 2, at: now, cause }),
    ]);
  },
);

test('When something is known of a payment already, then a later write of it comes too late', async () => {
  const order = await place();
  const marked = (await changes.apply(refunds.markAhead(order, { id: 'pay' }, { now }))) as Order;
  const charge = (stripeChargeId: string) => refunds.addCharge(marked, { id: 'pay', stripeChargeId });
  expect(await changes.apply(charge('first'))).toMatchObject({ version: 0 });
  expect(await changes.apply(charge('second'))).toBe('outdated');
  expect((await changes.findById(order.id))?.payments).toMatchObject([{ stripeChargeId: 'first' }]);
});

test('When the order is not there, then the change is outdated', async () => {
  const order = await place();
  await database.collection('orders').deleteMany({});
  expect(await changes.apply(transitions.cancel(order, { now }))).toBe('outdated');
});
