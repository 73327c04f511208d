import type { Clock } from '../../platform/time/clock.ts';
import { decidePayment } from '../domain/decide-payment.ts';
import type { KeptHold } from '../domain/kept-hold.ts';
import {
  isOverdue,
  type LatePaymentPolicy,
  type Order,
  type Payment,
  type RefundReason,
} from '../domain/order.ts';
import { addCharge } from '../domain/refund-transitions.ts';
import * as transitions from '../domain/transitions.ts';
import type { OrderStore } from '../store/order-store.ts';
import { changeContext } from './change-context.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { takeOver } from './take-over.ts';

export interface SettlePaymentDeps {
  orders: OrderStore;
  clock: Clock;
  latePayment: LatePaymentPolicy;
}

export type SettlePaymentOutcome =
  | { kind: 'paid'; order: Order }
  | { kind: 'refund_due'; reason: RefundReason }
  /** This payment was settled before. */
  | { kind: 'known' }
  | { kind: 'unknown_order' }
  | { kind: 'conflict' };

/**
 * Settles a payment for an order: it pays for the ticket, or it must be refunded. The same payment is settled once,
 * however many times it is delivered, also at the same time.
 */
export async function settlePayment(
  deps: SettlePaymentDeps,
  orderId: string,
  payment: Payment,
): Promise<SettlePaymentOutcome> {
  return retryOnConflict<SettlePaymentOutcome>(async () => {
    const { order, isWithdrawn } = await deps.orders.loadPaymentContext(orderId);
    if (!order) return { kind: 'unknown_order' };

    const decision = decidePayment(order, payment, { latePayment: deps.latePayment, isWithdrawn });
    switch (decision) {
      case 'already_settled':
        return { kind: 'known' };
      case 'add_charge': {
        const changed = await deps.orders.apply(addCharge(order, payment));
        return typeof changed === 'object' ? { kind: 'known' } : undefined;
      }
      case 'pay':
      case 'hold_again_and_pay':
        return pay(deps, order, payment);
      default:
        return refund(deps, order, payment, decision.refund);
    }
  });
}

/** `keptHold` is the hold of another order, which ends in the same round trip. */
async function pay(
  deps: SettlePaymentDeps,
  order: Order,
  payment: Payment,
  keptHold?: KeptHold,
): Promise<SettlePaymentOutcome | undefined> {
  const change = transitions.pay(order, payment, changeContext(deps.clock));
  const changed = await deps.orders.apply(change, keptHold);
  if (changed === 'outdated') return undefined;
  if (changed === 'ticket_taken') return keptHold ? undefined : payForTakenTicket(deps, order, payment);
  return { kind: 'paid', order: changed };
}

/**
 * Another order holds the ticket. It is expired if it is overdue, as in a takeover; otherwise the payment is refunded. The
 * hold that an order keeps after it has let the ticket go is taken over, whatever its time: what follows is only
 * `order:paid`.
 */
async function payForTakenTicket(
  deps: SettlePaymentDeps,
  order: Order,
  payment: Payment,
): Promise<SettlePaymentOutcome | undefined> {
  const { orders, clock } = deps;
  const context = changeContext(clock);
  const { holdingOrder, keptHold } = await orders.findTicketHold(order.ticketId);
  if (keptHold) return pay(deps, order, payment, keptHold);
  if (!holdingOrder) return undefined;
  if (!isOverdue(holdingOrder, context.now)) return refund(deps, order, payment, 'ticket_taken');
  const outcome = await takeOver({ orders, order: holdingOrder, cause: 'takeover', context });
  // The next delivery of the payment tries again.
  if (!outcome.isReleased) throw outcome.problem;
  return undefined;
}

async function refund(
  { orders, clock }: SettlePaymentDeps,
  order: Order,
  payment: Payment,
  reason: RefundReason,
): Promise<SettlePaymentOutcome | undefined> {
  const changed = await orders.apply(transitions.requireRefund(order, payment, reason, changeContext(clock)));
  return typeof changed === 'object' ? { kind: 'refund_due', reason } : undefined;
}
