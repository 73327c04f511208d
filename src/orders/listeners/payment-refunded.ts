import { z } from 'zod';
import { type Listener, listener } from '../../messaging/listener.ts';
import { receivedForeignId, receivedObjectId } from '../../platform/schemas/message-fields.ts';
import { type RecordRefundDeps, recordRefund } from '../use-cases/record-refund.ts';

export const paymentRefundedSchema = z.object({
  id: z.unknown().optional().describe('The refund, in any form; not used here.'),
  orderId: receivedObjectId,
  paymentId: receivedForeignId.describe('The payment, all of which was given back.'),
});

/** Records that a payment was given back. A refund of an unknown order becomes a dead letter. */
export function paymentRefunded(deps: RecordRefundDeps): Listener {
  return listener('payment:refunded', paymentRefundedSchema, async ({ orderId, paymentId }) => {
    const outcome = await recordRefund(deps, orderId, { id: paymentId });
    if (outcome.kind === 'unknown_order') return { rejected: `there is no order ${orderId}` };
    if (outcome.kind === 'conflict')
      throw new Error(`order ${orderId} was changed by others at every attempt`);
    return { outcome: outcome.kind };
  });
}
