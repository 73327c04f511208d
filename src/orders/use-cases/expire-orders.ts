import { isOverdue } from '../domain/order.ts';
import { type ExpireOrderDeps, type ExpireOrdersDeps, expire, expireUnlessFailing } from './expire-each.ts';

/**
 * Expires every overdue order, except those that failed before: the expiry sweep retries them. Latest end first, because
 * orders that always fail are old; when one fails, the others are expired all the same. An order that is paid, cancelled or
 * taken over at the same time stays so. Resolves with the number of expired orders. After `signal` has aborted, the rest is
 * left to the next pass. It reads all overdue orders, so run it about once a minute.
 *
 * @throws when the database is away
 */
export async function expireOverdueOrders(deps: ExpireOrdersDeps, signal?: AbortSignal): Promise<number> {
  let total = 0;
  for await (const page of deps.orders.findOverdue({ until: deps.clock() })) {
    const outcomes = await expireUnlessFailing(deps, page);
    total += outcomes.filter((outcome) => outcome === 'expired').length;
    if (signal?.aborted) break;
  }
  return total;
}

/**
 * Handles a hint that an order is overdue: it expires now, not only with the next sweep. A hint that comes too early, from a
 * fast clock, changes nothing.
 */
export async function expireOnHint(
  deps: ExpireOrderDeps,
  orderId: string,
): Promise<'expired' | 'not_due' | 'unknown_order'> {
  const order = await deps.orders.findById(orderId);
  if (!order) return 'unknown_order';
  return isOverdue(order, deps.clock()) && (await expire(deps, order)) ? 'expired' : 'not_due';
}
