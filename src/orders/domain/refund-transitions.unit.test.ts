import { changed } from '../../../tests/support/memory-order-store.ts';
import * as refunds from './refund-transitions.ts';
import * as transitions from './transitions.ts';

const start = new Date('2030-01-01T00:00:00Z');
const later = new Date('2030-01-01T00:00:07Z');
const context = { now: later, correlationId: 'req-1' };
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const placed = { id: 'a'.repeat(24), userId: 'anna', ticket, holdMs: 1_500 };
const { order } = transitions.place(placed, { now: start });
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const paid = changed(order, transitions.pay(order, payment, { now: start }));
const due = changed(paid, transitions.requireRefund(paid, { id: 'p2' }, 'already_paid', { now: start }));
const completed = { refund: 'refunded', refundCompletedAt: later };

test('When a payment is given back before it is known, then it is stored so, once, and nobody is told', () => {
  expect(refunds.markAhead(order, { id: 'pay_1' }, context)).toStrictEqual({
    expected: { id: order.id, status: 'pending', version: 0, withoutPayment: 'pay_1' },
    push: { payments: { id: 'pay_1', at: later, ...completed } },
    events: [],
  });
});

test('When a due refund is completed, then its reason stays, and nobody is told', () => {
  const change = refunds.completeRefund(due, { id: 'p2', note: 'in cash' }, context);
  expect(change).toStrictEqual({
    expected: { id: order.id, status: 'paid', version: 1 },
    push: {},
    payment: { index: 1, id: 'p2', set: { refundCompletedAt: later, refundNote: 'in cash' } },
    events: [],
  });
  expect(changed(due, change).payments[1]).toMatchObject({ refund: 'already_paid', refundDueAt: start });
});

test('When a payment that bought is given back, then the order is cancelled and lets its ticket go in the same write', () => {
  expect(refunds.cancelRefunded(paid, { id: 'pay_1' }, context)).toEqual({
    expected: { id: order.id, status: 'paid', version: 1 },
    set: { status: 'cancelled' },
    unset: ['pendingSlot', 'holdsTicket', 'keptUntil'],
    push: { history: { status: 'cancelled', version: 2, at: later, cause: 'refund' } },
    payment: { index: 0, id: 'pay_1', set: completed },
    events: [
      expect.objectContaining({
        eventId: `${order.id}:2`,
        subject: 'order:cancelled',
        at: later,
        data: expect.objectContaining({ version: 2, status: 'cancelled', correlationId: 'req-1' }) as object,
      }),
    ],
  });
});

test('When 0.1 has not named the payment that bought, then the write that gives it a refund does', () => {
  const old = { ...paid, history: paid.history.map(({ paymentId: _, ...rest }) => rest) };
  for (const change of [
    refunds.cancelRefunded(old, { id: 'pay_1' }, context),
    refunds.release(old, 'broken seat', context),
  ])
    expect(change.namePayment).toEqual({ index: 1, paymentId: 'pay_1', length: 2 });
  const twice = { ...due, history: old.history };
  expect(refunds.completeRefund(twice, { id: 'p2' }, context).namePayment).toBeUndefined();
});

test('When a repair has left two payments without a refund, then the one that did not buy is marked, and not named', () => {
  const history = paid.history.map(({ paymentId: _, ...rest }) => rest);
  const repaired = { ...due, history, payments: due.payments.map(({ refund: _, ...rest }) => rest) };
  const change = refunds.completeRefund(repaired, { id: 'p2' }, context);
  expect(change.payment).toStrictEqual({ index: 1, id: 'p2', set: completed });
  expect(change).not.toHaveProperty('namePayment');
});

test('When an operator releases a pending order, then it is cancelled for their reason', () => {
  const change = refunds.release(order, 'broken seat', context);
  expect(change).toMatchObject({
    expected: { status: 'pending', version: 0 },
    set: { status: 'cancelled' },
    unset: ['pendingSlot', 'holdsTicket'],
    push: {
      history: { status: 'cancelled', version: 1, at: later, cause: 'operator', reason: 'broken seat' },
    },
  });
  expect(change.events.map(({ subject }) => subject)).toEqual(['order:cancelled']);
});

test('When an operator releases a paid order, then its refund is asked for after its cancellation', () => {
  const change = refunds.release(paid, 'broken seat', context);
  expect(change).toMatchObject({
    expected: { status: 'paid', version: 1 },
    unset: ['pendingSlot', 'holdsTicket', 'keptUntil'],
    push: {
      history: { status: 'cancelled', version: 2, at: later, cause: 'operator', reason: 'broken seat' },
    },
    payment: { index: 0, id: 'pay_1', set: { refund: 'operator', refundDueAt: later } },
  });
  expect(change.events).toMatchObject([
    { subject: 'order:cancelled', eventId: `${order.id}:2` },
    {
      subject: 'order:refund-required',
      eventId: `${order.id}:refund:pay_1`,
      data: { reason: 'operator', paymentId: 'pay_1', stripeChargeId: 'ch_1', amount: 20 },
    },
  ]);
});

test('When an order cannot be released, then nothing is made up', () => {
  const cancelled = changed(order, transitions.cancel(order, context));
  expect(() => refunds.release(cancelled, 'why', context)).toThrow(
    'is cancelled and cannot become cancelled',
  );
  expect(() => refunds.release({ ...paid, payments: [], history: [] }, 'why', context)).toThrow(
    'is paid, but by no payment',
  );
  expect(() => transitions.cancel(paid, context)).toThrow('is paid and cannot become cancelled');
  expect(() => refunds.completeRefund(paid, { id: 'p9' }, context)).toThrow('has no payment p9');
});
