import type { Clock } from '../time/clock.ts';
import { isOverdue, type Order } from './order.ts';
import { expired } from './order-change.ts';
import type { OrderStore } from './order-store.ts';

export interface ExpireOrdersParts {
  orders: OrderStore;
  clock: Clock;
}

const batchSize = 50;

/**
 * One pass of the expiry sweep: every order that holds its ticket past its time expires. One that is paid,
 * cancelled or taken over meanwhile is left alone. Resolves with the number of orders that expired; after `ending`
 * has aborted, those left are another pass's.
 *
 * @throws AggregateError when some could not be expired; the others were
 */
export async function expireOverdueOrders(parts: ExpireOrdersParts, ending?: AbortSignal): Promise<number> {
  for (let total = 0; ; ) {
    const overdue = await parts.orders.findOverdue(parts.clock(), batchSize);
    const results = await Promise.allSettled(overdue.map((order) => expire(parts, order)));
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} orders could not be expired`);
    total += results.filter((result) => result.status === 'fulfilled' && result.value).length;
    if (overdue.length < batchSize || ending?.aborted) return total;
  }
}

/**
 * Somebody says that the order's time is over. If it is, the order expires now instead of with the next sweep;
 * the hint of a fast clock changes nothing.
 */
export async function expireOnHint(
  parts: ExpireOrdersParts,
  orderId: string,
): Promise<'expired' | 'not_due' | 'unknown_order'> {
  const order = await parts.orders.findById(orderId);
  if (!order) return 'unknown_order';
  return isOverdue(order, parts.clock()) && (await expire(parts, order)) ? 'expired' : 'not_due';
}

async function expire({ orders, clock }: ExpireOrdersParts, order: Order): Promise<boolean> {
  const changed = await orders.apply(expired(order, 'expiry', { now: clock() }));
  return typeof changed === 'object';
}
