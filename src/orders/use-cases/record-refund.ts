import type { Clock } from '../../platform/time/clock.ts';
import { decideRefunded } from '../domain/decide-payment.ts';
import type { Order } from '../domain/order.ts';
import {
  cancelRefunded,
  completeRefund,
  markAhead,
  type RefundedPayment,
} from '../domain/refund-transitions.ts';
import type { OrderStore } from '../store/order-store.ts';
import { changeContext } from './change-context.ts';
import { retryOnConflict } from './retry-on-conflict.ts';

export interface RecordRefundDeps {
  orders: Pick<OrderStore, 'findById' | 'apply'>;
  clock: Clock;
}

/** Also the outcomes by which messages are counted. */
export type RecordRefundOutcome =
  /** The payment had bought the order: it is cancelled now, and its ticket is free. */
  | { kind: 'order_cancelled' }
  /** The payment does not buy the order, which stays as it is. */
  | { kind: 'refund_completed' }
  /** The payment is not known yet, and will buy nothing. */
  | { kind: 'marked_ahead' }
  /** This was known before. */
  | { kind: 'known' }
  | { kind: 'unknown_order' }
  | { kind: 'conflict' };

const outcomes = {
  mark_ahead: { change: markAhead, kind: 'marked_ahead' },
  complete: { change: completeRefund, kind: 'refund_completed' },
  cancel: { change: cancelRefunded, kind: 'order_cancelled' },
} as const;

/**
 * Records that the whole of a payment was given back, once, however many times it is told, also at the same time, and
 * whether it is told before or after the payment itself.
 */
export async function recordRefund(
  { orders, clock }: RecordRefundDeps,
  orderId: string,
  payment: RefundedPayment,
): Promise<RecordRefundOutcome> {
  let tried: { kind: RecordRefundOutcome['kind']; at: Date } | undefined;
  return retryOnConflict<RecordRefundOutcome>(async () => {
    const order = await orders.findById(orderId);
    if (!order) return { kind: 'unknown_order' };
    const decision = decideRefunded(order, payment.id);
    if (decision === 'already_completed')
      return { kind: tried && isOwn(order, payment, tried.at) ? tried.kind : 'known' };
    const { change, kind } = outcomes[decision];
    const context = changeContext(clock);
    tried = { kind, at: context.now };
    const changed = await orders.apply(change(order, payment, context));
    return typeof changed === 'object' ? { kind } : undefined;
  });
}

/**
 * `outdated` may be a completion that was written, and followed by another change. Only one with a note is recognized, of which
 * an operator wants to know: two messages of one refund may come in the same millisecond.
 */
function isOwn({ payments }: Order, { id, note }: RefundedPayment, at: Date): boolean {
  const { refundNote, refundCompletedAt } = payments.find((payment) => payment.id === id) ?? {};
  return note !== undefined && refundNote === note && refundCompletedAt?.getTime() === at.getTime();
}
