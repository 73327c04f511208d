import { isOutage } from '../../platform/mongo/database-errors.ts';
import { addMs, type Clock } from '../../platform/time/clock.ts';
import type { RetrySchedule } from '../../platform/time/retry-schedule.ts';
import { isOverdue, type Order } from '../domain/order.ts';
import { expired } from '../domain/order-change.ts';
import type { ReadOrder } from '../store/order-model.ts';
import type { OrderStore } from '../store/order-store.ts';

export interface ExpireOrderDeps {
  orders: OrderStore;
  clock: Clock;
}

export interface ExpireOrdersDeps extends ExpireOrderDeps {
  /** The overdue orders that cannot be expired at present. */
  retries: RetrySchedule;
}

/** Clocks differ by a second, and a write that began before its order's end may take five. */
const overlapMs = 10_000;
/** How many orders that fail for the first time a pass of the expiry sweep meets before it leaves the rest. */
const maxFailures = 200;
/** How many orders that have failed before are tried again in a pass, so that each costs a bounded time. */
const maxRetries = 20;

/**
 * Expires every order that holds its ticket past its time, but those that are known to fail: these are retried by the
 * expiry sweep. One that cannot be expired does not keep the others from it; those whose time ended last come first, since
 * what fails for good is old. One that is paid, cancelled or taken over meanwhile is left alone. Resolves with the number
 * of orders that expired; after `ending` has aborted, those left are another pass's. It reads all overdue orders, so it is
 * for once a minute.
 *
 * @throws when the database is away
 */
export async function expireOverdueOrders(deps: ExpireOrdersDeps, ending?: AbortSignal): Promise<number> {
  let total = 0;
  for await (const page of deps.orders.findOverdue({ until: deps.clock() })) {
    const outcomes = await expireUnknown(deps, page);
    total += outcomes.filter((outcome) => outcome === 'expired').length;
    if (ending?.aborted) break;
  }
  return total;
}

/**
 * Makes the pass for every second. It expires the orders whose time has ended since the pass before, and tries a few of
 * those again that have failed. However many fail, it costs the same. When too many fail it leaves the others to
 * `expireOverdueOrders`, and calls `onLeft`.
 */
export function createExpirySweep(deps: ExpireOrdersDeps, onLeft: () => void) {
  const { orders, clock } = deps;
  let endedAfter = addMs(clock(), -overlapMs);

  /** Resolves with whether there was more. */
  async function expireNew(now: Date, ending?: AbortSignal): Promise<boolean> {
    let failures = 0;
    for await (const page of orders.findOverdue({ after: endedAfter, until: now })) {
      const outcomes = await expireUnknown(deps, page);
      failures += outcomes.filter((outcome) => outcome === 'failed').length;
      if (ending?.aborted || failures >= maxFailures) return true;
    }
    return false;
  }

  /** @throws when the database is away; the next pass begins where this one did */
  return async (ending?: AbortSignal): Promise<void> => {
    const now = clock();
    const left = await expireNew(now, ending);
    if (ending?.aborted) return;
    endedAfter = addMs(now, -overlapMs);
    if (left) onLeft();
    await retryFailed(deps);
  };
}

async function retryFailed(deps: ExpireOrdersDeps): Promise<void> {
  const ids = deps.retries.due(maxRetries);
  if (ids.length === 0) return;
  const overdue = await deps.orders.readOverdue(ids, deps.clock());
  await expireEach(deps, overdue);
  const left = new Set(overdue.map(({ id }) => id));
  for (const id of ids) if (!left.has(id)) deps.retries.succeeded(id);
}

function expireUnknown(deps: ExpireOrdersDeps, page: ReadOrder[]): Promise<Outcome[]> {
  return expireEach(
    deps,
    page.filter(({ id }) => !deps.retries.isFailing(id)),
  );
}

type Outcome = 'expired' | 'outdated' | 'failed';

/** @throws when the database is away, after all have been tried */
async function expireEach(deps: ExpireOrdersDeps, orders: ReadOrder[]): Promise<Outcome[]> {
  const results = await Promise.allSettled(orders.map((one) => expireRead(deps, one)));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** @throws when the database is away: that is no failure of the order */
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

/**
 * Somebody says that the order's time is over. If it is, the order expires now instead of with the next sweep;
 * the hint of a fast clock changes nothing.
 */
export async function expireOnHint(
  deps: ExpireOrderDeps,
  orderId: string,
): Promise<'expired' | 'not_due' | 'unknown_order'> {
  const order = await deps.orders.findById(orderId);
  if (!order) return 'unknown_order';
  return isOverdue(order, deps.clock()) && (await expire(deps, order)) ? 'expired' : 'not_due';
}

async function expire({ orders, clock }: ExpireOrderDeps, order: Order): Promise<boolean> {
  const changed = await orders.apply(expired(order, 'expiry', { now: clock() }));
  return typeof changed === 'object';
}
