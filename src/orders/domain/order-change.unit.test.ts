import { orderStatuses } from './order.ts';
import { cancelled, expired, paid, placed, refundDue } from './order-change.ts';

const start = new Date('2030-01-01T00:00:00Z');
const later = new Date('2030-01-01T00:00:07Z');
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order } = placed({ id: 'a'.repeat(24), userId: 'anna', ticket, holdMs: 1_500 }, { now: start });
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const occasion = { now: later, correlationId: 'req-1' };

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
  });
});

test.each([
  [cancelled(order, occasion), 'cancelled', 'buyer', 'order:cancelled'],
  [expired(order, 'expiry', occasion), 'expired', 'expiry', 'order:cancelled'],
  [expired(order, 'takeover', occasion), 'expired', 'takeover', 'order:cancelled'],
  [paid(order, payment, occasion), 'paid', 'payment', 'order:paid'],
] as const)(
  'When a status changes, then the change says from what, to what, when and why (%#)',
  (change, status, cause, subject) => {
    expect(change.from).toMatchObject({ id: order.id, status: 'pending', version: 0 });
    expect(change.status).toEqual({ status, version: 1, at: later, cause });
    expect(change.payment).toEqual(status === 'paid' ? { ...payment, at: later } : undefined);
    expect(change.event).toMatchObject({ subject, data: { status, version: 1, correlationId: 'req-1' } });
  },
);

test('When an order has changed before, then the next change is one version on, from there', () => {
  const gone = { ...order, status: 'expired' as const, version: 1 };
  const change = paid(gone, payment, { now: later });
  expect(change.from).toMatchObject({ status: 'expired', version: 1 });
  expect(change.status?.version).toBe(2);
  expect(change.event).toMatchObject({ eventId: `${order.id}:2`, data: { version: 2, status: 'paid' } });
});

test.each(orderStatuses)('When money for a %s order is to be given back, then its status stays', (status) => {
  const change = refundDue({ ...order, status }, payment, 'ticket_taken', occasion);
  expect(change.status).toBeUndefined();
  expect(change.from).toMatchObject({ id: order.id, status });
  expect(change.payment).toEqual({ ...payment, at: later, refund: 'ticket_taken' });
  expect(change.event).toMatchObject({
    subject: 'order:refund-required',
    data: { reason: 'ticket_taken', correlationId: 'req-1' },
  });
});
