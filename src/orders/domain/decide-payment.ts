import type { LatePaymentPolicy, Order, Payment, RefundReason, SettledPayment } from './order.ts';

export type PaymentDecision =
  | 'pay'
  | 'hold_again_and_pay'
  | 'already_settled'
  /** It was given back before it was known: it buys nothing, and only its charge is new. */
  | 'add_charge'
  | { refund: RefundReason };

/** The conditions of a payment that are not in the order. */
export interface PaymentTerms {
  latePayment: LatePaymentPolicy;
  /** Whether an operator has taken the order's ticket from sale: then no payment buys it. */
  isWithdrawn: boolean;
}

/** Decides on a payment. A pending order is paid even past its time, because it still holds the ticket. */
export function decidePayment(
  order: Order,
  payment: Payment,
  { latePayment, isWithdrawn }: PaymentTerms,
): PaymentDecision {
  const settled = order.payments.find(({ id }) => id === payment.id);
  if (settled) return lacksCharge(settled, payment) ? 'add_charge' : 'already_settled';
  switch (order.status) {
    case 'pending':
      return isWithdrawn ? { refund: 'operator' } : 'pay';
    case 'expired':
      if (isWithdrawn) return { refund: 'operator' };
      return latePayment === 'refund' ? { refund: 'order_expired' } : 'hold_again_and_pay';
    case 'cancelled':
      return { refund: 'order_cancelled' };
    case 'paid':
      return { refund: 'already_paid' };
  }
}

function lacksCharge({ refund, stripeChargeId }: SettledPayment, payment: Payment): boolean {
  return refund === 'refunded' && stripeChargeId === undefined && payment.stripeChargeId !== undefined;
}

export type RefundedDecision =
  /** The payment is not known yet. It is stored as one that was given back, so that it buys nothing when it comes. */
  | 'mark_ahead'
  /** Its refund was due, or it did not buy the order as it is now. */
  | 'complete'
  /** It bought the order, which is paid. */
  | 'cancel'
  | 'already_completed';

/** Decides on the news that the whole of a payment was given back. */
export function decideRefunded(order: Order, paymentId: string): RefundedDecision {
  const payment = order.payments.find(({ id }) => id === paymentId);
  if (!payment) return 'mark_ahead';
  if (payment.refundCompletedAt) return 'already_completed';
  const isBuying = payment.refund === undefined && buyingPaymentId(order) === paymentId;
  return isBuying && order.status === 'paid' ? 'cancel' : 'complete';
}

/**
 * The payment that bought the order; undefined when none did. 0.1 does not name it in the history: then it is the one that
 * is not given back. An order is paid at most once.
 */
export function buyingPaymentId({
  history,
  payments,
}: Pick<Order, 'history' | 'payments'>): string | undefined {
  const paid = history.find(({ status }) => status === 'paid');
  return paid && (paid.paymentId ?? payments.find(({ refund }) => refund === undefined)?.id);
}
