import { z } from 'zod';
import { foreignId, objectId, price } from '../../platform/schemas/message-fields.ts';
import type { ChangeContext } from './change-context.ts';
import { type Order, type Payment, type RefundReason, refundReasons } from './order.ts';
import {
  buyerField,
  commonFields,
  type OrderEventOf,
  orderEvent,
  orderField,
  paymentField,
  refundEventId,
} from './order-event.ts';

export const refundRequiredSchema = z.object({
  ...commonFields,
  id: orderField,
  orderId: objectId.describe('The same as `id`.'),
  paymentId: paymentField,
  stripeChargeId: foreignId
    .optional()
    .describe(
      'The charge to be given back, as `payment:created` has named it; absent where it has named none.',
    ),
  userId: buyerField,
  amount: price,
  reason: z
    .enum(refundReasons)
    .describe(
      'Why the payment is to be given back: the order was cancelled; it is paid already; an operator has taken the ' +
        'ticket back; it has expired, and late payments are given back; another order holds the ticket.',
    ),
});

type RefundRequired = OrderEventOf<'order:refund-required', z.infer<typeof refundRequiredSchema>>;

/** The event of a payment that must be refunded. */
export function refundRequired(
  order: Order,
  { payment, reason }: { payment: Payment; reason: RefundReason },
  context: ChangeContext,
): RefundRequired {
  return orderEvent('order:refund-required', refundEventId(order.id, payment.id), context, {
    id: order.id,
    orderId: order.id,
    paymentId: payment.id,
    stripeChargeId: payment.stripeChargeId,
    userId: order.userId,
    // Payments have no amount. The buyer was asked for the price at which the order was placed.
    amount: order.ticket.price,
    reason,
  });
}
