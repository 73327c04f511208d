import { z } from 'zod';
import { type Listener, listener } from '../../messaging/listener.ts';
import { withoutUndefined } from '../../platform/schemas/every-field.ts';
import { receivedForeignId, receivedObjectId } from '../../platform/schemas/message-fields.ts';
import type { Payment } from '../domain/order.ts';
import { type SettlePaymentDeps, settlePayment } from '../use-cases/settle-payment.ts';

/** What peers call the charge. The first of these that has a value counts. */
const chargeNames = ['stripeChargeId', 'stripeId', 'chargeId'] as const;

const chargeId = receivedForeignId.nullish();

const paymentMessage = z.object({
  id: receivedForeignId.describe('The payment. The same id again, in any form, changes nothing.'),
  orderId: receivedObjectId,
  stripeChargeId: chargeId.describe('The charge; null, or none, where there is none.'),
  stripeId: chargeId.describe('The charge, where there is no `stripeChargeId`.'),
  chargeId: chargeId.describe('The charge, where there is neither of these.'),
});

export const paymentCreatedSchema = z
  .preprocess(withFirstCharge, paymentMessage)
  .transform(({ id, orderId, ...charges }) => ({
    orderId,
    payment: withoutUndefined<Payment>({
      id,
      stripeChargeId: chargeNames.map((name) => charges[name]).find(isPresent),
    }),
  }));

/** The message without the charges that do not count: such a field is ignored like any that is unknown. */
function withFirstCharge(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return message;
  const fields = new Map<string, unknown>(Object.entries(message));
  const first = chargeNames.find((name) => isPresent(fields.get(name)));
  for (const name of chargeNames) if (name !== first) fields.delete(name);
  return Object.fromEntries(fields);
}

function isPresent<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}

/** Settles a payment. A payment for an unknown order becomes a dead letter. */
export function paymentCreated(deps: SettlePaymentDeps): Listener {
  return listener('payment:created', paymentCreatedSchema, async ({ orderId, payment }) => {
    const outcome = await settlePayment(deps, orderId, payment);
    if (outcome.kind === 'unknown_order') return { rejected: `there is no order ${orderId}` };
    if (outcome.kind === 'conflict')
      throw new Error(`order ${orderId} was changed by others at every attempt`);
    return { outcome: outcome.kind };
  });
}
