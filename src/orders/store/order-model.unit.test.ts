import mongoose from 'mongoose';
import { refundReasons } from '../domain/order.ts';
import type { OrderChange } from '../domain/order-change.ts';
import { cancelRefunded, markAhead, release } from '../domain/refund-transitions.ts';
import * as transitions from '../domain/transitions.ts';
import { type OrderRecord, orderModel } from './order-model.ts';
import { readOrder, toListedOrder, toOrder, unlistedFields } from './order-record.ts';

const start = new Date('2030-01-01T00:00:00Z');
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order, event } = transitions.place(
  { id: 'a'.repeat(24), userId: 'anna', ticket, holdMs: 1_000 },
  { now: start },
);
const { id, ticketId, payments, history, extensions, ...rest } = order;
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
  outbox: [event, transitions.expire(order, 'expiry', { now: start }).events].flat(),
  relayDueAt: start,
};

test('When an order is read, then everything of it is there, and nothing of how it is stored', () => {
  expect(toOrder(record)).toEqual({ ...order, payments: record.payments });
});

test('When a stored hold was never extended, then the order has no extensions, and none are stored', async () => {
  expect(record).not.toHaveProperty('extensions');
  expect(toOrder(record).extensions).toEqual([]);
  expect(await orderModel(mongoose.createConnection()).validate(record)).not.toHaveProperty('extensions');
});

test('When an order is read for a list, then nothing of its past is there', () => {
  const { payments: _settled, history: _past, extensions: _moved, ...listed } = order;
  expect(toListedOrder(record)).toEqual(listed);
  expect(payments).toEqual([]);
});

test('When a pass reads an order, then it gets the order, or the id and the problem of one that cannot be read', () => {
  expect(readOrder(record)).toEqual({ id, order: toOrder(record) });
  const spoilt = { ...record, ticketId: 'a ticket' as unknown as OrderRecord['ticketId'] };
  expect(readOrder(spoilt)).toEqual({ id, problem: expect.any(TypeError) as unknown });
});

test('When a list is read, then what it does not show is not fetched', () => {
  expect(unlistedFields).toEqual({ payments: 0, history: 0, extensions: 0, outbox: 0 });
});

// Purchases and changes are not checked at all of this when they are written, for the speed of it.
test('When an order is placed or changed, then its status, history, payments and outbox are as the schema wants them', async () => {
  const orders = orderModel(mongoose.createConnection());
  const [context, payment] = [{ now: start }, { id: 'pay_1', stripeChargeId: 'ch_1' }];
  const changes: OrderChange[] = [
    release(order, 'broken seat', context),
    cancelRefunded({ ...order, status: 'paid' }, { id: 'pay_1' }, context),
    markAhead(order, { id: 'pay_1', note: 'in cash' }, context),
    transitions.cancel(order, context),
    transitions.extendHold(order, new Date('2030-01-01T00:01:00Z'), context),
    ...(['expiry', 'takeover'] as const).map((cause) => transitions.expire(order, cause, context)),
    transitions.pay(order, payment, context),
    transitions.pay(order, { id: '7' }, context),
    ...refundReasons.map((reason) => transitions.requireRefund(order, payment, reason, context)),
  ];
  const written = changes.map((change) => ({
    ...record,
    ...(change.set?.status && { status: change.set.status }),
    ...(change.push.extensions && { extensions: [...extensions, change.push.extensions] }),
    history: [...history, ...(change.push.history ? [change.push.history] : [])],
    payments: change.push.payments ? [change.push.payments] : [],
    outbox: [event, ...change.events.map((one) => ({ ...one, sender: 'mark' }))],
  }));
  const asJson = (one: unknown) => JSON.parse(JSON.stringify(one)) as unknown;
  for (const one of [record, ...written]) expect(asJson(await orders.validate(one))).toEqual(asJson(one));
});
