import { askedRefund, isRefundOpen } from '../orders/domain/refund.ts';
import type { OrderRecord } from '../orders/store/order-model.ts';

/**
 * The payments of an order that are to be given back, each in words. Where the payments service tells of its refunds, that is
 * only what has been due for `alertMs`; where it does not (0), all that was asked for. Pure.
 */
export function refundsDue(
  { payments }: Pick<OrderRecord, 'payments'>,
  now: Date,
  alertMs: number,
): string[] {
  return payments.filter(isRefundOpen).flatMap((payment) => {
    const { id, refundDueAt } = payment;
    const what = `payment ${id} is to be given back`;
    if (alertMs === 0) return [`${what}: ${askedRefund(payment)}`];
    const isOverdue = refundDueAt && refundDueAt.getTime() <= now.getTime() - alertMs;
    return isOverdue ? [`${what}, since ${refundDueAt.toISOString()}: ${askedRefund(payment)}`] : [];
  });
}
