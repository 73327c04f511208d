import mongoose, { type Connection } from 'mongoose';
import { newId } from '../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';
import * as transitions from '../orders/domain/transitions.ts';
import { type OrderRecord, orderModel } from '../orders/store/order-model.ts';
import { createOrderStore } from '../orders/store/order-store.ts';
import { leaveToSweep } from '../outbox/outbox-notifier.ts';
import { createGapStore } from '../tickets/store/gap-store.ts';
import { parkedUpdateModel, ticketModel } from '../tickets/store/ticket-model.ts';
import { createTicketStore } from '../tickets/store/ticket-store.ts';
import { audit } from './audit.ts';
import type { Finding } from './audit-order.ts';
import { createAuditStore } from './audit-store.ts';

const start = new Date('2030-01-01T00:00:00Z');
let database: Connection;

beforeAll(async () => {
  database = await openDatabase(testConfig());
});
beforeEach(async () => {
  await database.collection('orders').deleteMany({});
});

/** Places a sound order, then spoils it. No index is built, so that impossible states can be stored. */
async function storeOrder(spoil: Record<string, unknown> = {}, ticketId = newId()): Promise<string> {
  const orders = createOrderStore(
    orderModel(database),
    ticketModel(database),
    leaveToSweep(() => start),
  );
  const ticket = { id: ticketId, title: 'A', price: 1, version: 0 };
  const { order, event } = transitions.place(
    { id: newId(), userId: 'u', ticket, holdMs: 900_000 },
    { now: start },
  );
  await orders.insert(order, event);
  const _id = new mongoose.Types.ObjectId(order.id);
  if (Object.keys(spoil).length > 0)
    await database.collection<OrderRecord>('orders').updateOne({ _id }, spoil);
  return order.id;
}

async function findings(
  now = start,
  replicas: { paused: boolean }[] = [],
): Promise<Pick<Finding, 'severity' | 'rule'>[]> {
  const audits = createAuditStore(orderModel(database), ticketModel(database));
  const gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));
  const found: Pick<Finding, 'severity' | 'rule'>[] = [];
  for await (const { severity, rule } of audit({ audits, gaps, replicas, now }))
    found.push({ severity, rule });
  return found;
}

test('When every order is sound, then nothing is found', async () => {
  await storeOrder();
  expect(await findings()).toEqual([]);
});

test('When two orders hold one ticket, then that is a broken promise', async () => {
  const ticketId = newId();
  await storeOrder({}, ticketId);
  await storeOrder({}, ticketId);
  expect(await findings()).toEqual([{ severity: 'broken', rule: 'one_holder_per_ticket' }]);
});

test.each([
  ['hold_fits_status', { $unset: { holdsTicket: 1 } }],
  [
    'slot_fits_status',
    {
      $set: { status: 'paid', version: 1, pendingSlot: 0 },
      $push: { history: { status: 'paid', version: 1, at: start, cause: 'payment' } },
    },
  ],
  ['history_fits_version', { $inc: { version: 1 } }],
  ['history_fits_version', { $set: { 'history.0.status': 'paid' } }],
  ['events_fit_history', { $set: { 'outbox.0.eventId': 'made up' } }],
  ['events_fit_history', { $unset: { relayDueAt: 1 } }],
] as const)('When an order breaks %s, then it is found', async (rule, spoil) => {
  await storeOrder(spoil);
  expect(await findings()).toEqual([{ severity: 'broken', rule }]);
});

test('When events wait for more than a minute, or a hold outlives its time, then that is found', async () => {
  await storeOrder();
  expect(await findings(new Date(start.getTime() + 61_000))).toEqual([
    { severity: 'broken', rule: 'events_leave_within_a_minute' },
  ]);
  await database.collection('orders').updateMany({}, { $set: { outbox: [] }, $unset: { relayDueAt: 1 } });
  expect(await findings(new Date(start.getTime() + 911_000))).toEqual([
    { severity: 'broken', rule: 'holds_end_in_time' },
  ]);
});

test('When every replica is paused, then events that wait are one thing due, and else they are broken promises', async () => {
  const later = new Date(start.getTime() + 61_000);
  const [paused, sending] = [{ paused: true }, { paused: false }];
  await storeOrder();
  await storeOrder();
  expect(await findings(later, [paused, paused])).toEqual([{ severity: 'due', rule: 'publishing_paused' }]);
  const promise = { severity: 'broken', rule: 'events_leave_within_a_minute' };
  expect(await findings(later, [paused, sending])).toEqual([promise, promise]);
  expect(await findings(later)).toEqual([promise, promise]);
  expect(await findings(start, [paused])).toEqual([]);
});

test('When a payment is to be given back, or a gap is open, then it is due but nothing is broken', async () => {
  const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
  await tickets.park({ id: newId(), title: 'B', price: 1, version: 5 }, start);
  await storeOrder({
    $push: { payments: { id: 'p', stripeChargeId: 'c', at: start, refund: 'already_paid' } },
  });
  expect(await findings()).toEqual([
    { severity: 'due', rule: 'refund_due' },
    { severity: 'due', rule: 'gap_open' },
  ]);
});

test.each([
  ['history', { history: 'expired by hand' }, 'history: '],
  ['outbox', { outbox: null }, 'outbox: '],
  ['version', { version: '0' }, 'version: '],
  ['status', { status: 'refunded' }, 'status: '],
  ['end', { expiresAt: '2030-01-01' }, 'expiresAt: '],
  ['ticket', { ticketId: 'a'.repeat(24) }, 'ticketId: is no ObjectId'],
  ['payments', { payments: [{ id: 7, at: start }] }, 'payments.0.id: '],
  ['extensions', { extensions: { n: 1 } }, 'extensions: '],
])(
  'When the %s of an order cannot be read, then the order is named, and the audit goes on',
  async (_, fields, detail) => {
    const broken = await storeOrder({ $set: fields });
    const later = await storeOrder({ $unset: { holdsTicket: 1 } });
    const audits = createAuditStore(orderModel(database), ticketModel(database));
    const gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));
    const found: Finding[] = [];
    for await (const finding of audit({ audits, gaps, now: start })) found.push(finding);
    expect(found.filter(({ rule }) => rule !== 'gap_open')).toMatchObject([
      {
        severity: 'broken',
        rule: 'document_is_readable',
        subject: broken,
        detail: expect.stringContaining(detail) as string,
      },
      { severity: 'broken', rule: 'hold_fits_status', subject: later },
    ]);
  },
);

test('When an order has an id that no order should have, then it is named', async () => {
  const _id = await storeOrder();
  const record = await database.collection('orders').findOne({ _id: new mongoose.Types.ObjectId(_id) });
  await database
    .collection<{ _id: string }>('orders')
    .insertOne({ ...record, _id: 'by-hand', ticketId: new mongoose.Types.ObjectId() } as { _id: string });
  expect(await findings()).toContainEqual({ severity: 'broken', rule: 'document_is_readable' });
});
