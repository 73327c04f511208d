import type { Clock } from '../../platform/time/clock.ts';
import { decidePayment, isOverdue, type Order, type Payment, type RefundReason } from '../domain/order.ts';
import { expired, paid, refundDue } from '../domain/order-change.ts';
import type { OrderStore } from '../store/order-store.ts';
import { retryOnConflict } from './retry-on-conflict.ts';

export interface SettlePaymentDeps {
  orders: OrderStore;
  clock: Clock;
}

export type SettlePaymentOutcome =
  | { kind: 'paid'; order: Order }
  | { kind: 'refund_due'; reason: RefundReason }
  /** The order has dealt with this payment before. */
  | { kind: 'known' }
  | { kind: 'unknown_order' }
  | { kind: 'contended' };

/**
 * Deals with money that has arrived for an order: it pays for the ticket, or is to be given back. However often
 * and however concurrently the same payment is told, it is dealt with once.
 */
export async function settlePayment(
  parts: SettlePaymentDeps,
  orderId: string,
  payment: Payment,
): Promise<SettlePaymentOutcome> {
  return retryOnConflict<SettlePaymentOutcome>(async () => {
    const order = await parts.orders.findById(orderId);
    if (!order) return { kind: 'unknown_order' };

    const decision = decidePayment(order, payment);
    switch (decision) {
      case 'known':
        return { kind: 'known' };
      case 'pay':
      case 'hold_again_and_pay':
        return pay(parts, order, payment);
      default:
        return refund(parts, order, payment, decision.refund);
    }
  });
}

async function pay(
  parts: SettlePaymentDeps,
  order: Order,
  payment: Payment,
): Promise<SettlePaymentOutcome | undefined> {
  const changed = await parts.orders.apply(paid(order, payment, { now: parts.clock() }));
  if (changed === 'outdated') return undefined;
  if (changed === 'ticket_taken') return payForTakenTicket(parts, order, payment);
  return { kind: 'paid', order: changed };
}

/** Another order holds the ticket. If that is past its time it goes, as in a takeover; if not, it stays. */
async function payForTakenTicket(
  parts: SettlePaymentDeps,
  order: Order,
  payment: Payment,
): Promise<SettlePaymentOutcome | undefined> {
  const now = parts.clock();
  const holder = await parts.orders.findHolder(order.ticketId);
  if (!holder) return undefined;
  if (!isOverdue(holder, now)) return refund(parts, order, payment, 'ticket_taken');
  await parts.orders.apply(expired(holder, 'takeover', { now }));
  return undefined;
}

async function refund(
  { orders, clock }: SettlePaymentDeps,
  order: Order,
  payment: Payment,
  reason: RefundReason,
): Promise<SettlePaymentOutcome | undefined> {
  const changed = await orders.apply(refundDue(order, payment, reason, { now: clock() }));
  return typeof changed === 'object' ? { kind: 'refund_due', reason } : undefined;
}
