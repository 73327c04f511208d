import type { ChangeContext } from './change-context.ts';
import { buyingPaymentId } from './decide-payment.ts';
import type { Order, Payment, SettledPayment } from './order.ts';
import type { OrderChange, PaymentUpdate, ToldChange } from './order-change.ts';
import { refundRequired } from './refund-required-event.ts';
import { expectedOf, releaseTicket } from './status-change.ts';

/** The transitions that follow from a refund, and those of an operator. Each returns what is to be written. */

/** A payment that was given back; `note` where an operator did it by hand. */
export interface RefundedPayment {
  id: string;
  note?: string;
}

/** The payment is not known yet, and was given back: when it comes it buys nothing. The status stays. */
export function markAhead(order: Order, refunded: RefundedPayment, { now }: ChangeContext): OrderChange {
  const payment = { id: refunded.id, at: now, refund: 'refunded', ...completion(refunded, now) } as const;
  return {
    expected: { ...expectedOf(order), withoutPayment: payment.id },
    push: { payments: payment },
    events: [],
  };
}

/** The payment came after it had been given back: all that it adds is its charge. */
export function addCharge(order: Order, { id, stripeChargeId = '' }: Payment): OrderChange {
  return updatePayment(order, id, { stripeChargeId });
}

/** A payment that does not buy was given back. The status stays. */
export function completeRefund(order: Order, refunded: RefundedPayment, { now }: ChangeContext): OrderChange {
  const { refund } = paymentOf(order, refunded.id);
  const set = { ...(refund === undefined && { refund: 'refunded' as const }), ...completion(refunded, now) };
  return updatePayment(order, refunded.id, set);
}

/** The payment that bought the order was given back: the order is cancelled, and lets its ticket go. */
export function cancelRefunded(order: Order, refunded: RefundedPayment, context: ChangeContext): ToldChange {
  return {
    ...releasePaid(order, { cause: 'refund' }, context),
    ...paymentUpdate(order, refunded.id, { refund: 'refunded', ...completion(refunded, context.now) }),
  };
}

/**
 * An operator takes the ticket back, for a reason of their own. Of a paid order the payment must be given back.
 *
 * @throws when the order is neither pending nor paid, or is paid, but by no payment
 */
export function release(order: Order, reason: string, context: ChangeContext): ToldChange {
  const why = { cause: 'operator', reason } as const;
  if (order.status !== 'paid') return releaseTicket(order, { status: 'cancelled', ...why }, context);
  const payment = buyingPayment(order);
  const change = releasePaid(order, why, context);
  return {
    ...change,
    ...paymentUpdate(order, payment.id, { refund: 'operator', refundDueAt: context.now }),
    events: [...change.events, refundRequired(order, { payment, reason: 'operator' }, context)],
  };
}

/**
 * The payment that bought a paid order, which its release gives back.
 *
 * @throws when the order is paid, but by no payment
 */
export function buyingPayment(order: Order): SettledPayment {
  const id = buyingPaymentId(order);
  if (id === undefined) throw new Error(`order ${order.id} is paid, but by no payment`);
  return paymentOf(order, id);
}

function releasePaid(
  order: Order,
  why: { cause: 'refund' | 'operator'; reason?: string },
  context: ChangeContext,
): ToldChange {
  const change = releaseTicket(order, { status: 'cancelled', ...why }, context);
  // A late payment that 0.1 has settled leaves the end of the hold that the order kept until then. With a spacing the order
  // keeps a new one now, which must not be over already.
  return { ...change, unset: [...change.unset, 'keptUntil'] };
}

function completion({ note }: RefundedPayment, now: Date) {
  return { refundCompletedAt: now, ...(note !== undefined && { refundNote: note }) };
}

function updatePayment(order: Order, id: string, set: PaymentUpdate['set']): OrderChange {
  return { expected: expectedOf(order), push: {}, ...paymentUpdate(order, id, set), events: [] };
}

/** Whatever gives the buying payment a refund also names it in the history, where 0.1 has not. */
function paymentUpdate(
  order: Order,
  id: string,
  set: PaymentUpdate['set'],
): Pick<OrderChange, 'payment' | 'namePayment'> {
  const isUnnamed = set.refund !== undefined && buyingPaymentId(order) === id;
  const paid = isUnnamed
    ? order.history.findIndex(({ status, paymentId }) => status === 'paid' && paymentId === undefined)
    : -1;
  return {
    payment: { index: order.payments.findIndex((payment) => payment.id === id), id, set },
    ...(paid >= 0 && { namePayment: { index: paid, paymentId: id, length: order.history.length } }),
  };
}

/** @throws when the order has no such payment */
function paymentOf(order: Order, id: string): SettledPayment {
  const payment = order.payments.find((one) => one.id === id);
  if (!payment) throw new Error(`order ${order.id} has no payment ${id}`);
  return payment;
}
