import { isOverdue } from '../domain/order.ts';
import { type ExpireOrderDeps, type ExpireOrdersDeps, expire, expireUnlessFailing } from './expire-each.ts';

/**
 * Expires every order that holds its ticket past its time, but those that are known to fail: these are retried by the
 * expiry sweep. One that cannot be expired does not keep the others from it; those whose time ended last come first, since
 * what fails for good is old. One that is paid, cancelled or taken over in that moment is left alone. Resolves with the
 * number of orders that expired; after `signal` has aborted, those left are another pass's. It reads all overdue orders,
 * so it is for once a minute.
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
 * For a hint that the order's time is over. If it is, the order expires now instead of with the next sweep; the hint of
 * a fast clock changes nothing.
 */
export async function expireOnHint(
  deps: ExpireOrderDeps,
  orderId: string,
): Promise<'expired' | 'not_due' | 'unknown_order'> {
  const order = await deps.orders.findById(orderId);
  if (!order) return 'unknown_order';
  return isOverdue(order, deps.clock()) && (await expire(deps, order)) ? 'expired' : 'not_due';
}
