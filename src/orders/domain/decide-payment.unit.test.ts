import { changed } from '../../../tests/support/memory-order-store.ts';
import { buyingPaymentId, decidePayment, decideRefunded } from './decide-payment.ts';
import type { Order, OrderStatus } from './order.ts';
import * as refunds from './refund-transitions.ts';
import * as transitions from './transitions.ts';

const start = new Date('2030-01-01T00:00:00Z');
const context = { now: start };
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const placed = { id: 'a'.repeat(24), userId: 'u1', ticket, holdMs: 900_000 };
const { order: fresh } = transitions.place(placed, context);
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const inStatus = (status: OrderStatus): Order => ({ ...fresh, status });
const paid = changed(fresh, transitions.pay(fresh, payment, context));

test.each([
  ['pending', 'hold_again', 'pay'],
  ['expired', 'hold_again', 'hold_again_and_pay'],
  ['cancelled', 'hold_again', { refund: 'order_cancelled' }],
  ['paid', 'hold_again', { refund: 'already_paid' }],
  ['pending', 'refund', 'pay'],
  ['expired', 'refund', { refund: 'order_expired' }],
  ['cancelled', 'refund', { refund: 'order_cancelled' }],
  ['paid', 'refund', { refund: 'already_paid' }],
] as const)(
  'When a %s order gets a payment, and late ones: %s, then: %j, and when it had that payment before: known',
  (status, latePayment, decision) => {
    expect(decidePayment(inStatus(status), payment, { latePayment, isWithdrawn: false })).toEqual(decision);
    const settled = { ...inStatus(status), payments: [{ ...payment, at: start }] };
    expect(decidePayment(settled, payment, { latePayment, isWithdrawn: false })).toBe('already_settled');
    expect(decidePayment(settled, { ...payment, id: 'pay_2' }, { latePayment, isWithdrawn: false })).toEqual(
      decision,
    );
  },
);

test('When a payment was given back before it came, then all that it adds is its charge, once', () => {
  const marked = changed(fresh, refunds.markAhead(fresh, { id: 'pay_1' }, context));
  expect(decidePayment(marked, payment, { latePayment: 'hold_again', isWithdrawn: false })).toBe(
    'add_charge',
  );
  expect(decidePayment(marked, { id: 'pay_1' }, { latePayment: 'hold_again', isWithdrawn: false })).toBe(
    'already_settled',
  );
  const known = changed(marked, refunds.addCharge(marked, payment));
  expect(known.payments[0]).toEqual({
    ...payment,
    at: start,
    refund: 'refunded',
    refundCompletedAt: start,
  });
  expect(
    decidePayment(
      known,
      { ...payment, stripeChargeId: 'ch_2' },
      { latePayment: 'hold_again', isWithdrawn: false },
    ),
  ).toBe('already_settled');
});

test('When a payment came without a charge and was not given back before, then a charge that comes later adds nothing', () => {
  const uncharged = { id: 'pay_1' };
  const cancelled = changed(fresh, transitions.cancel(fresh, context));
  for (const order of [
    changed(fresh, transitions.pay(fresh, uncharged, context)),
    changed(cancelled, transitions.requireRefund(cancelled, uncharged, 'order_cancelled', context)),
  ])
    expect(decidePayment(order, payment, { latePayment: 'hold_again', isWithdrawn: false })).toBe(
      'already_settled',
    );
});

test('When a payment is told to be given back, then what it bought decides', () => {
  const cancelled = changed(fresh, transitions.cancel(fresh, context));
  const due = changed(cancelled, transitions.requireRefund(cancelled, payment, 'order_cancelled', context));
  const twice = changed(paid, transitions.requireRefund(paid, { id: 'pay_2' }, 'already_paid', context));
  const released = changed(paid, refunds.release(paid, 'broken seat', context));
  const withRefund = (order: Order): Order => ({
    ...order,
    payments: order.payments.map((one) => ({ ...one, refund: 'operator' })),
  });
  for (const [order, id, decision] of [
    [fresh, 'pay_1', 'mark_ahead'],
    [paid, 'pay_2', 'mark_ahead'],
    [due, 'pay_1', 'complete'],
    [twice, 'pay_2', 'complete'],
    [twice, 'pay_1', 'cancel'],
    [released, 'pay_1', 'complete'],
    // Only a repair by hand leaves a payment without a refund in such orders.
    [{ ...paid, status: 'cancelled' }, 'pay_1', 'complete'],
    [withRefund(paid), 'pay_1', 'complete'],
    [{ ...twice, payments: twice.payments.map(({ refund: _, ...rest }) => rest) }, 'pay_2', 'complete'],
  ] satisfies [Order, string, string][])
    expect([id, decideRefunded(order, id)]).toEqual([id, decision]);
  const completed = changed(due, refunds.completeRefund(due, { id: 'pay_1' }, context));
  const ended = changed(paid, refunds.cancelRefunded(paid, { id: 'pay_1' }, context));
  for (const order of [completed, ended]) expect(decideRefunded(order, 'pay_1')).toBe('already_completed');
});

test('When an order was paid, then the payment that bought it is known, also where 0.1 has not named it', () => {
  const old = { ...paid, history: paid.history.map(({ paymentId: _, ...rest }) => rest) };
  const ended = changed(old, refunds.cancelRefunded(old, { id: 'pay_1' }, context));
  const refusedOnce = { ...payment, id: 'pay_0', at: start, refund: 'ticket_taken' as const };
  expect(buyingPaymentId({ ...old, payments: [refusedOnce, ...old.payments] })).toBe('pay_1');
  expect(buyingPaymentId({ ...old, payments: [refusedOnce] })).toBeUndefined();
  expect([fresh, paid, old, ended].map(buyingPaymentId)).toEqual([undefined, 'pay_1', 'pay_1', 'pay_1']);
  expect(ended.history).toEqual([
    ...paid.history,
    { status: 'cancelled', version: 2, at: start, cause: 'refund' },
  ]);
});
