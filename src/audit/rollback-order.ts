import { isKeptHold } from '../orders/domain/kept-hold.ts';
import type { OrderRecord } from '../orders/store/order-model.ts';
import { formFlaw } from './order-form.ts';
import type { RollbackRule } from './rollback-rules.ts';

/** Which rules of a rollback a stored order falls under; one that cannot be read only under that. Pure. */
export function rollbackRulesOf(order: OrderRecord): RollbackRule[] {
  if (formFlaw(order) !== undefined) return ['order_unreadable'];
  const { status, history, payments, outbox, extensions = [] } = order;
  const found: Partial<Record<RollbackRule, boolean>> = {
    hold_kept: isKeptHold(order),
    sale_undone: status === 'cancelled' && history.some((change) => change.status === 'paid'),
    hold_extended: status === 'pending' && extensions.length > 0,
    // Events are of any version of the service.
    extension_waits: outbox.some(({ subject }) => String(subject) === 'order:hold-extended'),
    events_wait: outbox.length > 0,
    refund_open: payments.some(({ refundDueAt, refundCompletedAt }) => refundDueAt && !refundCompletedAt),
    refund_completed: payments.some(({ refundCompletedAt }) => refundCompletedAt !== undefined),
    // One that was told of before its payment came has no charge yet.
    payment_without_charge: payments.some(
      ({ stripeChargeId, refund }) => stripeChargeId === undefined && refund !== 'refunded',
    ),
  };
  return (Object.keys(found) as RollbackRule[]).filter((rule) => found[rule]);
}
