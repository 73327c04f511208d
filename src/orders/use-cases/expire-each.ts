import { isOutage } from '../../platform/mongo/database-errors.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { RetrySchedule } from '../../platform/time/retry-schedule.ts';
import type { Order } from '../domain/order.ts';
import * as transitions from '../domain/transitions.ts';
import type { ReadOrder } from '../store/order-record.ts';
import type { OrderStore } from '../store/order-store.ts';
import { changeContext } from './change-context.ts';

export interface ExpireOrderDeps {
  orders: OrderStore;
  clock: Clock;
}

export interface ExpireOrdersDeps extends ExpireOrderDeps {
  /** The overdue orders that could not be expired. */
  retries: RetrySchedule;
}

type Outcome = 'expired' | 'outdated' | 'failed';

/** Expires one order. Resolves with whether this call changed it. */
export async function expire({ orders, clock }: ExpireOrderDeps, order: Order): Promise<boolean> {
  const changed = await orders.apply(transitions.expire(order, 'expiry', changeContext(clock)));
  return typeof changed === 'object';
}

/** Expires the orders except those that failed before. @throws as `expireEach` does */
export function expireUnlessFailing(deps: ExpireOrdersDeps, page: ReadOrder[]): Promise<Outcome[]> {
  return expireEach(
    deps,
    page.filter(({ id }) => !deps.retries.isFailing(id)),
  );
}

/**
 * Expires all of these orders at the same time. An order that fails is put into `retries`; the others are expired all the
 * same.
 *
 * @throws when the database is away, after all have been tried
 */
export async function expireEach(deps: ExpireOrdersDeps, orders: ReadOrder[]): Promise<Outcome[]> {
  const results = await Promise.allSettled(orders.map((one) => expireRead(deps, one)));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** @throws when the database is away, which does not count as a failure of the order */
async function expireRead(deps: ExpireOrdersDeps, read: ReadOrder): Promise<Outcome> {
  try {
    if ('problem' in read) throw read.problem;
    const outcome = (await expire(deps, read.order)) ? 'expired' : 'outdated';
    deps.retries.succeeded(read.id);
    return outcome;
  } catch (error) {
    if (isOutage(error)) throw error;
    deps.retries.failed(read.id, error);
    return 'failed';
  }
}
