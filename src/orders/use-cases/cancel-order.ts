import type { Clock } from '../../platform/time/clock.ts';
import { decideCancel, type Order } from '../domain/order.ts';
import * as transitions from '../domain/transitions.ts';
import type { OrderStore } from '../store/order-store.ts';
import { changeContext } from './change-context.ts';
import { retryOnConflict } from './retry-on-conflict.ts';

export interface CancelOrderDeps {
  orders: OrderStore;
  clock: Clock;
}

export interface CancelOrderRequest {
  userId: string;
  orderId: string;
}

export type CancelOrderOutcome =
  | { kind: 'cancelled'; order: Order }
  | { kind: 'not_found' }
  | { kind: 'not_owner' }
  /** The order is paid or has expired. */
  | { kind: 'final'; status: 'paid' | 'expired' }
  | { kind: 'conflict' };

/**
 * Cancels an order for its buyer and frees the ticket. Cancelling a cancelled order changes nothing. An overdue
 * order expires instead.
 */
export async function cancelOrder(
  { orders, clock }: CancelOrderDeps,
  { userId, orderId }: CancelOrderRequest,
): Promise<CancelOrderOutcome> {
  return retryOnConflict<CancelOrderOutcome>(async () => {
    const order = await orders.findById(orderId);
    if (!order) return { kind: 'not_found' };
    if (order.userId !== userId) return { kind: 'not_owner' };

    const context = changeContext(clock);
    switch (decideCancel(order, context.now)) {
      case 'already_cancelled':
        return { kind: 'cancelled', order };
      case 'refuse_paid':
        return { kind: 'final', status: 'paid' };
      case 'refuse_expired':
        return { kind: 'final', status: 'expired' };
      case 'expire': {
        const changed = await orders.apply(transitions.expire(order, 'expiry', context));
        return typeof changed === 'object' ? { kind: 'final', status: 'expired' } : undefined;
      }
      case 'cancel': {
        const changed = await orders.apply(transitions.cancel(order, context));
        return typeof changed === 'object' ? { kind: 'cancelled', order: changed } : undefined;
      }
    }
  });
}
