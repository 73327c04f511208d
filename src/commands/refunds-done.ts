import { readMessageConfig } from '../command-config.ts';
import { decideRefunded } from '../orders/domain/decide-payment.ts';
import type { Order } from '../orders/domain/order.ts';
import { refundEventId } from '../orders/domain/order-event.ts';
import type { PastOrder } from '../orders/domain/rebuild-events.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { createPastOrderStore } from '../orders/store/past-order-store.ts';
import { type RecordRefundOutcome, recordRefund } from '../orders/use-cases/record-refund.ts';
import { systemClock } from '../platform/time/clock.ts';
import { withDatabase } from './connections.ts';
import type { CommandContext } from './exit-codes.ts';
import { orderStoreOn } from './order-store-on.ts';
import { whileRead } from './output.ts';
import { readOrProblem } from './read-or-problem.ts';
import type { RefundsRequest } from './refunds-arguments.ts';

type DoneRequest = Extract<RefundsRequest, { command: 'done' }>;

/**
 * Records that a payment was given back by hand, or says what that would do. It needs no broker: the service sends the event.
 * While the event that asks the payments service for this refund waits to be sent, it refuses: the service would still be asked
 * afterwards. Resolves with the exit code.
 */
export function completeByHand(context: CommandContext, request: DoneRequest): Promise<number> {
  return withDatabase(context, async (database) => {
    const { orderId, paymentId, note } = request;
    const { read } = await createPastOrderStore(orderModel(database)).findPast(orderId);
    const past = readOrProblem(read);
    const flaw = 'problem' in past ? past.problem : flawOf(past, paymentId);
    if ('problem' in past || flaw) {
      await whileRead(context.problems).line(`${orderId}  ${flaw}`);
      return 1;
    }
    if (!request.isMeant) {
      await context.out.line(
        `${orderId}  ${planned[decideRefunded(past.order, paymentId)]}. Nothing is changed without --yes`,
      );
      return 0;
    }
    const orders = orderStoreOn(database, readMessageConfig(process.env).eventSpacingMs);
    const { kind } = await recordRefund({ orders, clock: systemClock }, orderId, { id: paymentId, note });
    if (kind !== 'known')
      context.log.warn({ orderId, paymentId, note, kind }, 'an operator has recorded a refund');
    await whileRead(context.out).line(`${orderId}  ${done[kind]}`);
    return kind === 'conflict' || kind === 'unknown_order' ? 1 : 0;
  });
}

function flawOf({ order, pendingEventIds }: PastOrder, paymentId: string): string | undefined {
  const unknown = unknownPayment(order, paymentId);
  if (unknown) return unknown;
  const waits = pendingEventIds.includes(refundEventId(order.id, paymentId));
  return waits && decideRefunded(order, paymentId) === 'complete' ? stillWaits : undefined;
}

const stillWaits =
  'its order:refund-required still waits to be sent: the payments service will be asked to give the money back as soon as the ' +
  'broker is back. Nothing is recorded; try again when it has left';

/** A payment that is not known is more likely to be mistyped here than to be still to come. */
function unknownPayment(order: Order, paymentId: string): string | undefined {
  const ids = order.payments.map(({ id }) => id);
  if (ids.includes(paymentId)) return undefined;
  return `has no payment ${paymentId}; ${ids.length > 0 ? `its payments are ${ids.join(', ')}` : 'it has none'}`;
}

const known = 'it was recorded before that the payment was given back';

const planned: Record<ReturnType<typeof decideRefunded>, string> = {
  mark_ahead: 'the payment would be marked as given back before it came',
  complete: 'the refund would be recorded as completed; the order stays as it is',
  cancel: 'the payment has bought the order: it would be cancelled, and its ticket be free for others',
  already_completed: known,
};

const done: Record<RecordRefundOutcome['kind'], string> = {
  marked_ahead: 'the payment is marked as given back before it came',
  refund_completed: 'the refund is recorded as completed; the order stays as it is',
  order_cancelled: 'the order is cancelled, and its ticket is free for others; the service sends the event',
  known,
  unknown_order: 'there is no such order any more',
  conflict: 'others change the order all the time: nothing is recorded, try again',
};
