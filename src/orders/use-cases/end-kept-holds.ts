import { isOutage } from '../../platform/mongo/database-errors.ts';
import type { Lease } from '../../platform/mongo/lease-store.ts';
import { operationTimeoutMs } from '../../platform/mongo/timeouts.ts';
import { addMs, type Clock } from '../../platform/time/clock.ts';
import type { RetrySchedule } from '../../platform/time/retry-schedule.ts';
import { decideKeptHold, type KeptHold } from '../domain/kept-hold.ts';
import type { OrderStore } from '../store/order-store.ts';

/** One process at a time ends kept holds for all. The name is stored and must be the same in all replicas. */
export const keptHoldsLeaseName = 'kept holds';

/** Duration of the lease: the writes of a page, and the read of the next one. */
const leaseMs = 2 * operationTimeoutMs;
/** What has no end is rare, and a purchase that meets it stores one, too. */
const searchEveryMs = 60_000;
/** Failed holds that a pass looks at, whether they are still there. */
const maxForgotten = 100;

export interface EndKeptHoldsDeps {
  orders: Pick<OrderStore, 'findKeptHolds' | 'findKeptHoldsWithoutEnd' | 'endKeptHold' | 'storeKeptUntil'>;
  clock: Clock;
  lease: Lease;
  /** The kept holds that could not be ended. */
  retries: RetrySchedule;
  /** How long after its `order:cancelled` a ticket is free again, in milliseconds; 0 is at once. */
  eventSpacingMs: number;
}

/**
 * Makes the pass that ends the kept holds that are over, though nobody buys their tickets. The first pass, and one a minute,
 * also stores an end for those that have none; without a spacing it ends all. One hold that fails is left for a growing
 * time; the others go on. Nothing is done while another process does it.
 */
export function createKeptHoldsPass({ orders, clock, lease, retries, eventSpacingMs }: EndKeptHoldsDeps) {
  let searchAt = clock();

  async function end(keptHold: KeptHold): Promise<void> {
    const decision = decideKeptHold(keptHold, eventSpacingMs, clock());
    if (decision.kind === 'over') await orders.endKeptHold(keptHold);
    if (decision.kind === 'has_no_end') await orders.storeKeptUntil(keptHold, decision.availableAt);
  }

  /** @throws when the database is away, which does not count as a failure of the hold */
  async function endUnlessFailing(keptHold: KeptHold): Promise<void> {
    const { orderId } = keptHold;
    if (retries.isPaused(orderId)) return;
    try {
      await end(keptHold);
      retries.succeeded(orderId);
    } catch (error) {
      if (isOutage(error)) throw error;
      retries.failed(orderId, error);
    }
  }

  async function* search(): AsyncGenerator<KeptHold[]> {
    yield* eventSpacingMs > 0 ? orders.findKeptHolds(clock()) : orders.findKeptHolds();
    yield* orders.findKeptHoldsWithoutEnd(eventSpacingMs > 0 ? 'empty' : 'any');
  }

  /** Resolves with whether all pages are done. */
  async function endAll(pages: AsyncGenerator<KeptHold[]>, signal?: AbortSignal): Promise<boolean> {
    try {
      for await (const page of pages) {
        const now = clock();
        if (signal?.aborted || !(await lease.take({ now, until: addMs(now, leaseMs) }))) return false;
        await Promise.all(page.map(endUnlessFailing));
      }
      return true;
    } finally {
      await lease.release();
    }
  }

  /** @throws when the database is away */
  return async (signal?: AbortSignal): Promise<void> => {
    const now = clock();
    if (now < searchAt) return void (await endAll(orders.findKeptHolds(now), signal));
    if (!(await endAll(search(), signal))) return;
    searchAt = addMs(now, searchEveryMs);
    // A whole search has tried all whose pause was over: what is still due has ended in another way.
    for (const orderId of retries.due(maxForgotten)) retries.succeeded(orderId);
  };
}
