import { changed } from '../../../tests/support/memory-order-store.ts';
import { orderStatuses } from './order.ts';
import * as transitions from './transitions.ts';

const start = new Date('2030-01-01T00:00:00Z');
const later = new Date('2030-01-01T00:00:07Z');
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order } = transitions.place(
  { id: 'a'.repeat(24), userId: 'anna', ticket, holdMs: 1_500 },
  { now: start },
);
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const context = { now: later, correlationId: 'req-1' };

test('When an order is placed, then it holds its ticket as it is now, for as long as was given', () => {
  expect(order).toEqual({
    id: 'a'.repeat(24),
    userId: 'anna',
    status: 'pending',
    version: 0,
    createdAt: start,
    expiresAt: new Date('2030-01-01T00:00:01.500Z'),
    ticketId: ticket.id,
    ticket: { title: 'Concert', price: 20, version: 3 },
    payments: [],
    history: [{ status: 'pending', version: 0, at: start, cause: 'buyer' }],
    extensions: [],
  });
});

test.each([
  [transitions.cancel(order, context), 'cancelled', 'buyer', 'order:cancelled'],
  [transitions.expire(order, 'expiry', context), 'expired', 'expiry', 'order:cancelled'],
  [transitions.expire(order, 'takeover', context), 'expired', 'takeover', 'order:cancelled'],
  [transitions.pay(order, payment, context), 'paid', 'payment', 'order:paid'],
] as const)(
  'When a status changes, then the change says from what, to what, when and why (%#)',
  (change, status, cause, subject) => {
    expect(change.expected).toMatchObject({ id: order.id, status: 'pending', version: 0 });
    expect(change.set?.status).toBe(status);
    expect(change.push.history).toEqual({
      ...{ status, version: 1, at: later, cause },
      ...(status === 'paid' && { paymentId: 'pay_1' }),
    });
    expect(change.push.payments).toEqual(status === 'paid' ? { ...payment, at: later } : undefined);
    expect(change.events[0]).toMatchObject({ subject, data: { status, version: 1, correlationId: 'req-1' } });
  },
);

test('When a hold is extended, then only its end changes, and the change is numbered', () => {
  const first = transitions.extendHold(order, later, context);
  expect(first).toEqual({
    expected: { id: order.id, status: 'pending', version: 0, expiresAt: order.expiresAt },
    set: { expiresAt: later },
    push: { extensions: { n: 1, at: later, from: order.expiresAt, to: later } },
    events: [expect.objectContaining({ subject: 'order:hold-extended' }) as unknown],
  });
  const again = transitions.extendHold(changed(order, first), new Date('2030-01-01T00:00:09Z'), context);
  expect(again.push.extensions).toMatchObject({ n: 2, from: later });
  expect(again.events[0].eventId).toBe(`${order.id}:extension:2`);
});

test('When a change depends on the end of the hold, then it expects that end, and no other change does', () => {
  for (const change of [
    transitions.expire(order, 'expiry', context),
    transitions.expire(order, 'takeover', context),
    transitions.extendHold(order, later, context),
  ])
    expect(change.expected.expiresAt).toEqual(order.expiresAt);
  for (const change of [
    transitions.cancel(order, context),
    transitions.pay(order, payment, context),
    transitions.requireRefund(order, payment, 'ticket_taken', context),
  ])
    expect(change.expected).not.toHaveProperty('expiresAt');
});

test('When an order has changed before, then the next change is one version on, from there', () => {
  const gone = { ...order, status: 'expired' as const, version: 1 };
  const change = transitions.pay(gone, payment, { now: later });
  expect(change.expected).toMatchObject({ status: 'expired', version: 1 });
  expect(change.push.history?.version).toBe(2);
  expect(change.events[0]).toMatchObject({ eventId: `${order.id}:2`, data: { version: 2, status: 'paid' } });
});

test.each(orderStatuses)('When money for a %s order is to be given back, then its status stays', (status) => {
  const change = transitions.requireRefund({ ...order, status }, payment, 'ticket_taken', context);
  expect(change.set).toBeUndefined();
  expect(change.push.history).toBeUndefined();
  expect(change.expected).toMatchObject({ id: order.id, status });
  expect(change.push.payments).toEqual({ ...payment, at: later, refund: 'ticket_taken', refundDueAt: later });
  expect(change.events[0]).toMatchObject({
    subject: 'order:refund-required',
    data: { reason: 'ticket_taken', correlationId: 'req-1' },
  });
});
