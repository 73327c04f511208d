import type { RefundReason, SettledPayment } from './order.ts';

/** Why the payments service was asked to give this payment back; undefined where it was not. */
export function askedRefund({ refund }: Pick<SettledPayment, 'refund'>): RefundReason | undefined {
  return refund === 'refunded' ? undefined : refund;
}

/** When it was asked to give this payment back: for one that bought, later than it came. */
export function refundAskedAt({ at, refundDueAt }: Pick<SettledPayment, 'at' | 'refundDueAt'>): Date {
  return refundDueAt ?? at;
}

/** Whether this payment is still to be given back, as far as is known: of what 0.1 asked for nothing ever is. */
export function isRefundOpen(payment: SettledPayment): boolean {
  return askedRefund(payment) !== undefined && payment.refundCompletedAt === undefined;
}
