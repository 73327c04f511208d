import type { OutboxNotifier } from '../../outbox/outbox-notifier.ts';
import type { ChangeContext } from '../domain/change-context.ts';
import type { Order } from '../domain/order.ts';
import type { OrderChange } from '../domain/order-change.ts';
import * as refunds from '../domain/refund-transitions.ts';
import * as transitions from '../domain/transitions.ts';
import { createChangeStore } from './change-store.ts';
import type { OrderModel } from './order-model.ts';

const now = new Date('2030-01-01T00:00:00Z');
const leaseUpdate = { $min: { relayDueAt: new Date('2030-01-01T00:00:10Z') } };
const context: ChangeContext = { now, correlationId: 'req-1' };
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order } = transitions.place({ id: 'a'.repeat(24), userId: 'anna', ticket, holdMs: 1_000 }, { now });
const gone: Order = { ...order, status: 'expired', version: 1 };
const payment = { id: 'pay', stripeChargeId: 'ch' };
const paid: Order = {
  ...{ ...order, status: 'paid', version: 1, payments: [{ ...payment, at: now }] },
  // As 0.1 has written it: without the payment.
  history: [...order.history, { status: 'paid', version: 1, at: now, cause: 'payment' }],
};

interface Written {
  updateOne: { update: { $set: { lastChange: unknown } } };
}

/** What the store asks the database for, with `mark` in place of the write's id. */
async function updateFor(change: OrderChange, eventSpacingMs = 0): Promise<unknown> {
  const written: Written[] = [];
  const orders = { bulkWrite: async (ops: Written[]) => void written.push(...ops) } as unknown as OrderModel;
  const notifier: OutboxNotifier = {
    leaseExpiresAt: () => now,
    leaseUpdate: () => leaseUpdate,
    notify: () => undefined,
  };
  await createChangeStore({
    ...{ orders, notifier, holds: { throwIfMissing: () => undefined } },
    ...{ findOrder: async () => undefined, onChange: () => undefined, eventSpacingMs },
  }).apply(change);
  const writeId = String(written[0]?.updateOne.update.$set.lastChange);
  return JSON.parse(JSON.stringify(written[0]?.updateOne).replaceAll(writeId, 'mark'));
}

const _id = order.id;
const at = now.toJSON();
const lease = { $min: { relayDueAt: leaseUpdate.$min.relayDueAt.toJSON() } };
const common = { correlationId: 'req-1', id: _id, userId: 'anna' };
const outboxOf = (eventId: string, subject: string, data: object) => ({
  eventId,
  subject,
  at,
  data: { eventId, ...common, ...data },
  sender: 'mark',
});
const expiresAt = order.expiresAt.toJSON();
const byId = { hint: { _id: 1 } };
const release = (status: string, cause: string) => ({
  ...(status === 'expired' && byId),
  filter: { _id, status: 'pending', version: 0, ...(status === 'expired' && { expiresAt }) },
  update: {
    ...lease,
    $set: { lastChange: 'mark', status },
    $unset: { pendingSlot: 1, holdsTicket: 1 },
    $inc: { version: 1 },
    $push: {
      outbox: outboxOf(`${_id}:1`, 'order:cancelled', { version: 1, status, ticket: { id: ticket.id } }),
      history: { status, version: 1, at, cause },
    },
  },
});
const pay = (status: string, version: number) => ({
  filter: { _id, status, version, 'payments.id': { $ne: 'pay' } },
  update: {
    ...lease,
    $set: { lastChange: 'mark', status: 'paid', holdsTicket: true },
    $unset: { pendingSlot: 1, ...(status === 'expired' && { keptUntil: 1 }) },
    $inc: { version: 1 },
    $push: {
      outbox: outboxOf(`${_id}:${version + 1}`, 'order:paid', {
        ...{ version: version + 1, status: 'paid', paymentId: 'pay' },
        ticket: { id: ticket.id, price: 20 },
      }),
      payments: { ...payment, at },
      history: { status: 'paid', version: version + 1, at, cause: 'payment', paymentId: 'pay' },
    },
  },
});

test.each<[string, OrderChange, object]>([
  ['cancel', transitions.cancel(order, context), release('cancelled', 'buyer')],
  ['expiry', transitions.expire(order, 'expiry', context), release('expired', 'expiry')],
  ['takeover', transitions.expire(order, 'takeover', context), release('expired', 'takeover')],
  ['payment', transitions.pay(order, payment, context), pay('pending', 0)],
  ['late payment', transitions.pay(gone, payment, context), pay('expired', 1)],
  [
    'extension',
    transitions.extendHold(order, new Date('2030-01-01T00:10:00Z'), context),
    {
      ...byId,
      filter: { _id, status: 'pending', version: 0, expiresAt },
      update: {
        ...lease,
        $set: { lastChange: 'mark', expiresAt: '2030-01-01T00:10:00.000Z' },
        $push: {
          outbox: outboxOf(`${_id}:extension:1`, 'order:hold-extended', {
            ...{ expiresAt: '2030-01-01T00:10:00.000Z', ticket: { id: ticket.id } },
          }),
          extensions: { n: 1, at, from: expiresAt, to: '2030-01-01T00:10:00.000Z' },
        },
      },
    },
  ],
  [
    'refund',
    transitions.requireRefund(gone, payment, 'ticket_taken', context),
    {
      filter: { _id, status: 'expired', version: 1, 'payments.id': { $ne: 'pay' } },
      update: {
        ...lease,
        $set: { lastChange: 'mark' },
        $push: {
          outbox: outboxOf(`${_id}:refund:pay`, 'order:refund-required', {
            ...{ orderId: _id, paymentId: 'pay', stripeChargeId: 'ch', amount: 20, reason: 'ticket_taken' },
          }),
          payments: { ...payment, at, refund: 'ticket_taken', refundDueAt: at },
        },
      },
    },
  ],
  [
    'mark of a payment that is not known',
    refunds.markAhead(order, { id: 'pay' }, context),
    {
      filter: { _id, status: 'pending', version: 0, 'payments.id': { $ne: 'pay' } },
      update: {
        $set: { lastChange: 'mark' },
        $push: { payments: { id: 'pay', at, refund: 'refunded', refundCompletedAt: at } },
      },
    },
  ],
  [
    'refund of the payment that bought',
    refunds.cancelRefunded(paid, { id: 'pay', note: 'in cash' }, context),
    {
      filter: {
        ...{ _id, status: 'paid', version: 1, 'payments.0.id': 'pay' },
        payments: { $elemMatch: { id: 'pay', refund: null, refundCompletedAt: null, refundNote: null } },
        history: { $size: 2 },
      },
      update: {
        ...lease,
        $set: {
          lastChange: 'mark',
          status: 'cancelled',
          'payments.0.refund': 'refunded',
          'payments.0.refundCompletedAt': at,
          'payments.0.refundNote': 'in cash',
          'history.1.paymentId': 'pay',
          'history.2': { status: 'cancelled', version: 2, at, cause: 'refund' },
        },
        $unset: { pendingSlot: 1, holdsTicket: 1, keptUntil: 1 },
        $inc: { version: 1 },
        $push: {
          outbox: outboxOf(`${_id}:2`, 'order:cancelled', {
            ...{ version: 2, status: 'cancelled', ticket: { id: ticket.id } },
          }),
        },
      },
    },
  ],
])(
  'When a %s is written, then the filter and the update are as other versions know them',
  async (_, change, update) => {
    expect(await updateFor(change)).toEqual(update);
  },
);

test('When a repair by hand has left an end that is no date, then what depends on it fails and says so', async () => {
  const repaired = { ...order, expiresAt: 'tomorrow' as unknown as Date };
  await expect(updateFor(transitions.expire(repaired, 'expiry', context))).rejects.toThrow(
    `the end of order ${_id} is not a date`,
  );
  expect(await updateFor(transitions.cancel(repaired, context))).toEqual(release('cancelled', 'buyer'));
});

test('When events are spaced, then an order that lets its ticket go keeps its hold, and all else is the same', async () => {
  for (const change of [
    transitions.cancel(order, context),
    transitions.expire(order, 'takeover', context),
    transitions.pay(gone, payment, context),
    refunds.cancelRefunded(paid, { id: 'pay' }, context),
    refunds.release(paid, 'broken seat', context),
  ]) {
    const { update: before, ...rest } = (await updateFor(change)) as { update: { $unset: object } };
    const { holdsTicket, ...unset } = before.$unset as { holdsTicket?: 1 };
    expect(await updateFor(change, 6_000)).toEqual({ ...rest, update: { ...before, $unset: unset } });
  }
});
