import { z } from 'zod';
import { withoutUndefined } from '../../platform/schemas/every-field.ts';
import { type SettledPayment, storedRefundReasons } from '../domain/order.ts';
import { exampleCreatedAt } from './examples.ts';
import { time } from './time-field.ts';

/** How a single order shows its payments. */

const refund = z
  .object({
    reason: z.enum(storedRefundReasons).meta({
      description:
        'Why the payment does not buy. `order_cancelled`: the order was cancelled when it came. `already_paid`: another ' +
        'payment had bought. `operator`: the seller has taken the ticket back. `order_expired`: it came after the time was ' +
        'up. `ticket_taken`: another buyer had the ticket by then. `refunded`: the payments service has given it back by ' +
        'itself.',
    }),
    dueAt: time(
      'Since when it is to be given back. Absent for `refunded`, and for what version 0.1 has asked for.',
      exampleCreatedAt,
    ).optional(),
    completedAt: time(
      'When the payments service told that all of it was given back. Absent until then, and for good where it does not tell.',
      exampleCreatedAt,
    ).optional(),
  })
  .meta({ id: 'Refund' });

const payment = z
  .object({
    id: z.string().meta({
      description: 'The payment, as the payments service names it.',
      examples: ['6b04db2da39c0fc557bdbfc2'],
    }),
    at: time('When the orders service heard of it.', exampleCreatedAt),
    refund: refund.optional().meta({ description: 'Absent for the payment that buys the ticket.' }),
  })
  .meta({ id: 'Payment' });

export const paymentsSchema = z
  .array(payment)
  .meta({ description: 'Every payment for the order, in the order in which they came. At most one buys.' });

export type PaymentBody = z.infer<typeof payment>;

/** A payment as its buyer sees it. */
export function paymentView({ id, at, ...payment }: SettledPayment): PaymentBody {
  const { refund: reason, refundDueAt, refundCompletedAt } = payment;
  if (reason === undefined) return { id, at: at.toISOString() };
  const refund = withoutUndefined<NonNullable<PaymentBody['refund']>>({
    reason,
    dueAt: refundDueAt?.toISOString(),
    completedAt: refundCompletedAt?.toISOString(),
  });
  return { id, at: at.toISOString(), refund };
}
