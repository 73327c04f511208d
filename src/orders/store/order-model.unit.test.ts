import mongoose from 'mongoose';
import { refundReasons } from '../domain/order.ts';
import { cancelled, expired, paid, placed, refundDue } from '../domain/order-change.ts';
import { listedFields, type OrderRecord, orderModel, toListedOrder, toOrder } from './order-model.ts';

const start = new Date('2030-01-01T00:00:00Z');
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order, event } = placed(
  { id: 'a'.repeat(24), userId: 'anna', ticket, holdMs: 1_000 },
  { now: start },
);
const { id, ticketId, payments, history, ...rest } = order;
const record: OrderRecord = {
  ...rest,
  _id: new mongoose.Types.ObjectId(id),
  ticketId: new mongoose.Types.ObjectId(ticketId),
  payments: [{ id: 'pay_1', stripeChargeId: 'ch_1', at: start, refund: 'already_paid' }],
  history: [...history],
  holdsTicket: true,
  pendingSlot: 1,
  idempotency: { key: 'k', fingerprint: 'f' },
  lastChange: new mongoose.Types.ObjectId(),
  outbox: [event, expired(order, 'expiry', { now: start }).event],
  relayDueAt: start,
};

test('When an order is read, then everything of it is there, and nothing of how it is stored', () => {
  expect(toOrder(record)).toEqual({ ...order, payments: record.payments });
});

test('When an order is read for a list, then nothing of its past is there', () => {
  const { payments: _settled, history: _past, ...listed } = order;
  expect(toListedOrder(record)).toEqual(listed);
  expect(payments).toEqual([]);
});

test('When a list is read, then what it does not show is not fetched', () => {
  expect(listedFields).toEqual({ payments: 0, history: 0, outbox: 0 });
});

// Purchases and changes are not checked at all of this when they are written, for the speed of it.
test('When an order is placed or changed, then its status, history, payments and outbox are as the schema wants them', async () => {
  const orders = orderModel(mongoose.createConnection());
  const [occasion, payment] = [{ now: start }, { id: 'pay_1', stripeChargeId: 'ch_1' }];
  const changes = [
    cancelled(order, occasion),
    ...(['expiry', 'takeover'] as const).map((cause) => expired(order, cause, occasion)),
    paid(order, payment, occasion),
    ...refundReasons.map((reason) => refundDue(order, payment, reason, occasion)),
  ];
  const written = changes.map((change) => ({
    ...record,
    ...(change.status && { status: change.status.status, history: [...history, change.status] }),
    payments: change.payment ? [change.payment] : [],
    outbox: [event, { ...change.event, sender: 'mark' }],
  }));
  const asJson = (one: unknown) => JSON.parse(JSON.stringify(one)) as unknown;
  for (const one of [record, ...written]) expect(asJson(await orders.validate(one))).toEqual(asJson(one));
});
