import {
  at,
  cancel,
  complete,
  expire,
  extend,
  found,
  giveBack,
  giveBackAhead,
  id,
  pay,
  recordAfter,
  refund,
  release,
  start,
  without,
} from '../../tests/support/audited-orders.ts';
import type { Order } from '../orders/domain/order.ts';
import * as transitions from '../orders/domain/transitions.ts';
import type { OrderRecord } from '../orders/store/order-model.ts';
import { auditOrder } from './audit-order.ts';

test.each<[string, OrderRecord]>([
  ['fresh', recordAfter()],
  ['paid', recordAfter(pay)],
  ['cancelled', recordAfter(cancel)],
  ['expired', recordAfter(expire)],
  ['paid late', recordAfter(expire, pay)],
  [
    'paid by a payment without a charge',
    recordAfter((order) => transitions.pay(order, { id: '7' }, { now: at(1) })),
  ],
  ['paid and sent', { ...recordAfter(pay), outbox: [] }],
  ['extended', recordAfter(extend)],
  ['extended twice and paid', recordAfter(extend, extend, pay)],
  ['extended and expired', recordAfter(extend, expire)],
  ['cancelled that keeps its hold', { ...recordAfter(cancel), holdsTicket: true }],
  [
    'expired that keeps its hold for now',
    { ...recordAfter(expire), holdsTicket: true, keptUntil: at(-9_997) },
  ],
  ['cancelled by a refund', recordAfter(pay, giveBack)],
  ['pending, with a payment given back before it came', recordAfter(giveBackAhead)],
  ['pending with a slot', { ...recordAfter(), pendingSlot: 0 }],
])('When a %s order is sound, then nothing is found', (_, record) => {
  const { relayDueAt, ...rest } = record;
  expect(found(record.outbox.length > 0 ? record : rest)).toEqual([]);
});

test('When a late payment without a charge is to be given back, then it is due, with its reason', () => {
  const late = (order: Order) =>
    transitions.requireRefund(order, { id: '7' }, 'order_expired', { now: at(2) });
  expect(found(recordAfter(expire, late))).toEqual([
    'due refund_due: payment 7 is to be given back: order_expired',
  ]);
});

test('When a refund is completed, then it is due no longer', () => {
  expect(found(recordAfter(pay, refund))).toEqual([
    'due refund_due: payment pay_2 is to be given back: already_paid',
  ]);
  expect(found(recordAfter(pay, refund, complete))).toEqual([]);
  expect(found(recordAfter(pay, release))).toEqual([
    'due refund_due: payment pay_1 is to be given back: operator',
  ]);
});

test('When the payments service tells of its refunds, then only those are due that it has not told of in time', () => {
  const record = recordAfter(pay, refund);
  const detailsAt = (ms: number, one = record) =>
    auditOrder(one, at(ms), 1_000).map(({ rule, detail }) => `${rule}: ${detail}`);
  expect(detailsAt(1_001)).toEqual([]);
  expect(detailsAt(1_002)).toEqual([
    'refund_due: payment pay_2 is to be given back, since 2030-01-01T00:00:00.002Z: already_paid',
  ]);
  expect(detailsAt(1_002, recordAfter(pay, refund, complete))).toEqual([]);
  // 0.1 has stored no time, and nobody will ever tell.
  const old = { ...record, payments: record.payments.map(({ refundDueAt: _, ...rest }) => rest) };
  expect(detailsAt(1_000_000, { ...old, outbox: [] })).toEqual([]);
});

test('When something is found, then the order is named', () => {
  expect(auditOrder({ ...recordAfter(), version: 1 }, start)).toEqual([
    {
      severity: 'broken',
      rule: 'history_fits_version',
      subject: id,
      detail: 'version 1 with 1 changes in its history',
    },
  ]);
});

test('When money is to be given back, then it is due, and its event may wait beside those of the changes', () => {
  const record = recordAfter(pay, refund);
  expect(found(record)).toEqual(['due refund_due: payment pay_2 is to be given back: already_paid']);
  const [created, bought, back] = record.outbox;
  if (!created || !bought || !back) throw new Error('three events were to wait');
  expect(found({ ...record, outbox: [created, back, bought] })).toHaveLength(1);
  expect(found({ ...record, outbox: [bought, back, created] })).toHaveLength(2);
  expect(found({ ...record, outbox: [back, bought, created] })).toContain(
    'broken events_fit_history: the events in the outbox are out of order',
  );
  const unpaid = { ...record, payments: record.payments.filter(({ refund: reason }) => !reason) };
  expect(found(unpaid)).toEqual([
    `broken events_fit_history: ${id}:refund:pay_2 waits in the outbox, but nothing of the kind has happened`,
  ]);
});

test('When events wait for more than a minute since the oldest of them came to be, then that is found', () => {
  const record = recordAfter(pay, refund);
  const overdue = 'broken events_leave_within_a_minute';
  const late = (outbox: OrderRecord['outbox'], now: Date) =>
    found({ ...record, outbox }, now).filter((finding) => finding.startsWith(overdue));
  expect(late(record.outbox, at(60_000))).toEqual([]);
  expect(late(record.outbox, at(60_001))).toEqual([
    `${overdue}: 3 events wait since 2030-01-01T00:00:00.000Z`,
  ]);
  expect(late(record.outbox.slice(1), at(60_001))).toEqual([]);
  expect(late(record.outbox.slice(1), at(60_002))).toEqual([
    `${overdue}: 2 events wait since 2030-01-01T00:00:00.001Z`,
  ]);
  expect(late(record.outbox.slice(2), at(60_002))).toEqual([]);
  expect(late(record.outbox.slice(2), at(60_003))).toHaveLength(1);
  expect(late([], at(99_000))).toEqual([]);
  expect(found(without(record, 'relayDueAt'), at(99_000)).join()).not.toContain(overdue);
});

test('When the first event has had to wait for its time, then the minute begins with that time, and a refund has none', () => {
  const spaced = { ...recordAfter(pay, refund), spacedUntil: at(300_000) };
  const waits = (outbox: OrderRecord['outbox'], now: Date) =>
    found({ ...spaced, outbox }, now)
      .join()
      .includes('events wait since');
  expect(waits(spaced.outbox, at(360_000))).toBe(false);
  expect(found(spaced, at(360_001)).join()).toContain('3 events wait since 2030-01-01T00:05:00.000Z');
  expect(waits(spaced.outbox.slice(2), at(60_003))).toBe(true);
  const before = { ...spaced, spacedUntil: new Date(start.getTime() - 1) };
  expect(found(before, at(60_001)).join()).toContain('3 events wait since 2030-01-01T00:00:00.000Z');
});

test('When an event of a release that stored no time with it waits, then its time is found in the order', () => {
  const record = recordAfter(pay, refund);
  const old = record.outbox.map(({ at: _at, ...event }) => event);
  const overdue = (outbox: OrderRecord['outbox']) => found({ ...record, outbox }, at(60_002));
  expect(overdue(old.slice(1)).join()).toContain('2 events wait since 2030-01-01T00:00:00.001Z');
  expect(overdue(old.slice(2)).join()).not.toContain('events wait');
  const later = old.map((event) => ({ ...event, at: at(50_000) }));
  expect(overdue(later).join()).not.toContain('events wait');
});

test('When a hold outlives its time by more than ten seconds, then that is found, but of pending orders only', () => {
  const held = without({ ...recordAfter(), outbox: [] }, 'relayDueAt');
  expect(found(held, at(910_000))).toEqual([]);
  expect(found(held, at(910_001))).toEqual([
    'broken holds_end_in_time: should have expired at 2030-01-01T00:15:00.000Z',
  ]);
  const bought = without({ ...recordAfter(pay), outbox: [] }, 'relayDueAt');
  expect(found(bought, at(910_001))).toEqual([]);
});
