import mongoose from 'mongoose';
import type { OrderRecord } from '../orders/store/order-model.ts';
import { rollbackRulesOf } from './rollback-order.ts';

const now = new Date('2030-01-01T00:00:00Z');
const plain: OrderRecord = {
  _id: new mongoose.Types.ObjectId(),
  ...{ userId: 'anna', status: 'pending', version: 0, createdAt: now, expiresAt: now },
  ticketId: new mongoose.Types.ObjectId(),
  ticket: { title: 'Concert', price: 20, version: 0 },
  holdsTicket: true,
  ...{ payments: [], outbox: [] },
  history: [{ status: 'pending', version: 0, at: now, cause: 'buyer' }],
};
const payment = { id: 'p', stripeChargeId: 'ch', at: now };
const change = (status: OrderRecord['status'], version: number) =>
  ({ status, version, at: now, cause: 'operator' }) as const;
const extension = { n: 1, at: now, from: now, to: now };

test.each<[string, object, string[]]>([
  ['as 0.1 writes it', {}, []],
  ['paid', { status: 'paid', payments: [payment] }, []],
  ['to be given back since 0.1', { payments: [{ ...payment, refund: 'ticket_taken' }] }, []],
  ['cancelled, and lets its ticket go', { status: 'cancelled', holdsTicket: undefined }, []],
  ['cancelled, and keeps its ticket', { status: 'cancelled' }, ['hold_kept']],
  ['expired, and keeps its ticket', { status: 'expired' }, ['hold_kept']],
  [
    'cancelled after it was paid',
    { status: 'cancelled', holdsTicket: undefined, history: [change('paid', 1), change('cancelled', 2)] },
    ['sale_undone'],
  ],
  ['extended', { extensions: [extension] }, ['hold_extended']],
  ['extended and paid', { status: 'paid', extensions: [extension] }, []],
  [
    'with an extension that waits',
    { outbox: [{ eventId: 'e', subject: 'order:hold-extended', data: {} }] },
    ['extension_waits', 'events_wait'],
  ],
  [
    'with another event that waits',
    { outbox: [{ eventId: 'e', subject: 'order:created', data: {} }] },
    ['events_wait'],
  ],
  [
    'with an open refund',
    { payments: [{ ...payment, refund: 'operator', refundDueAt: now }] },
    ['refund_open'],
  ],
  [
    'with a completed refund',
    { payments: [{ ...payment, refund: 'operator', refundDueAt: now, refundCompletedAt: now }] },
    ['refund_completed'],
  ],
  [
    'given back before it was paid',
    { payments: [{ id: 'p', at: now, refund: 'refunded', refundCompletedAt: now }] },
    ['refund_completed'],
  ],
  ['paid without a charge', { status: 'paid', payments: [{ id: 'p', at: now }] }, ['payment_without_charge']],
  ['of a status that nobody knows', { status: 'lost', outbox: null }, ['order_unreadable']],
])('When an order is %s, then that is named and no more', (_, fields, rules) => {
  expect(rollbackRulesOf({ ...plain, ...fields } as OrderRecord)).toEqual(rules);
});
