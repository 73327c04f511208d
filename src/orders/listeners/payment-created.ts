import { z } from 'zod';
import { type Listener, listener } from '../../messaging/listener.ts';
import { newForeignId, objectId } from '../../platform/schemas/message-fields.ts';
import { type SettlePaymentDeps, settlePayment } from '../use-cases/settle-payment.ts';

export const paymentCreatedSchema = z.object({
  id: newForeignId.describe('The payment. The same id again changes nothing.'),
  orderId: objectId,
  stripeChargeId: newForeignId,
});

/** Settles a payment. A payment for an unknown order becomes a dead letter. */
export function paymentCreated(deps: SettlePaymentDeps): Listener {
  return listener('payment:created', paymentCreatedSchema, async ({ id, orderId, stripeChargeId }) => {
    const outcome = await settlePayment(deps, orderId, { id, stripeChargeId });
    if (outcome.kind === 'unknown_order') return { rejected: `there is no order ${orderId}` };
    if (outcome.kind === 'conflict')
      throw new Error(`order ${orderId} was changed by others at every attempt`);
    return { outcome: outcome.kind };
  });
}
