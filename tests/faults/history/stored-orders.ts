import type { StoredOrder, StoredPayment } from './history.ts';

/** Whether peers were asked to give this payment back; of `refunded` they have told by themselves. */
export function isAskedFor({ refund }: StoredPayment): boolean {
  return refund !== undefined && refund !== 'refunded';
}

/** The payment that bought an order, whatever became of it later; 0.1 does not name it. */
export function buyingPaymentId({ history, payments }: StoredOrder): string | undefined {
  const paid = history.find(({ status }) => status === 'paid');
  return paid && (paid.paymentId ?? payments.find(({ refund }) => refund === undefined)?.id);
}

/** When an order's hold was to end before anybody extended it. */
export function firstEnd({ extensions = [], expiresAt }: StoredOrder): number {
  return extensions[0]?.from ?? expiresAt;
}
