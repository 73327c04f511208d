import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../platform/time/clock.ts';
import { decideExtension, type ExtensionTerms } from '../domain/extend-hold.ts';
import type { HoldExtension, Order } from '../domain/order.ts';
import * as transitions from '../domain/transitions.ts';
import type { OrderStore } from '../store/order-store.ts';
import { changeContext } from './change-context.ts';
import { retryOnConflict } from './retry-on-conflict.ts';

export interface ExtendOrderDeps extends ExtensionTerms {
  orders: OrderStore;
  clock: Clock;
}

export interface ExtendOrderRequest {
  userId: string;
  orderId: string;
}

export type ExtendOrderOutcome =
  /** The hold ends as late as was asked for, about at least: it may have ended so before. */
  | { kind: 'extended'; order: Order }
  | { kind: 'not_found' }
  | { kind: 'not_owner' }
  | { kind: 'final'; status: 'paid' | 'cancelled' | 'expired' }
  /** The hold ends at `expiresAt`, and that is as late as it can. */
  | { kind: 'limit_reached'; expiresAt: Date }
  | { kind: 'conflict' };

/**
 * Gives a buyer more time to pay a pending order. A request that is repeated changes nothing. An overdue order expires
 * instead; one that was ended in any way, or by anybody, stays so.
 */
export async function extendOrder(
  { orders, clock, ...terms }: ExtendOrderDeps,
  { userId, orderId }: ExtendOrderRequest,
): Promise<ExtendOrderOutcome> {
  let tried: HoldExtension | undefined;
  return retryOnConflict<ExtendOrderOutcome>(async () => {
    const order = await orders.findById(orderId);
    if (!order) return { kind: 'not_found' };
    if (order.userId !== userId) return { kind: 'not_owner' };
    // `outdated` may be an extension that was written, and followed by another change.
    if (tried && isDeepStrictEqual(order.extensions[tried.n - 1], tried)) return { kind: 'extended', order };

    const context = changeContext(clock);
    const decision = decideExtension(order, terms, context.now);
    switch (decision.kind) {
      case 'final':
        return decision;
      case 'keep':
        return { kind: 'extended', order };
      case 'limit_reached':
        return { kind: 'limit_reached', expiresAt: order.expiresAt };
      case 'expire': {
        const changed = await orders.apply(transitions.expire(order, 'expiry', context));
        return typeof changed === 'object' ? { kind: 'final', status: 'expired' } : undefined;
      }
      case 'extend': {
        const change = transitions.extendHold(order, decision.until, context);
        tried = change.push.extensions;
        const changed = await orders.apply(change);
        return typeof changed === 'object' ? { kind: 'extended', order: changed } : undefined;
      }
    }
  });
}
