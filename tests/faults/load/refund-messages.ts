/**
 * The news that all of a payment was given back, by a message that reports the payment: the ids are in the form that they
 * have there.
 */
export function refundMessage(payment: string, refundId: string): string {
  const { id: paymentId, orderId } = JSON.parse(payment) as { id: unknown; orderId: unknown };
  return JSON.stringify({ id: refundId, orderId, paymentId });
}
