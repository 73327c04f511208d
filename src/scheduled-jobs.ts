import type { Logger } from 'pino';
import { createKeptHoldsPass, type EndKeptHoldsDeps } from './orders/use-cases/end-kept-holds.ts';
import type { ExpireOrdersDeps } from './orders/use-cases/expire-each.ts';
import { expireOverdueOrders } from './orders/use-cases/expire-orders.ts';
import { createExpirySweep } from './orders/use-cases/expiry-sweep.ts';
import type { HoldIndex } from './orders/use-cases/hold-index.ts';
import type { Availability } from './platform/mongo/availability.ts';
import type { BackgroundIndex } from './platform/mongo/background-index.ts';
import type { Lease } from './platform/mongo/lease-store.ts';
import type { Clock } from './platform/time/clock.ts';
import { type Pass, repeat } from './platform/time/repeat.ts';
import { createRetrySchedule, type RetrySchedule } from './platform/time/retry-schedule.ts';
import {
  type CloseStaleGaps,
  type CloseStaleGapsDeps,
  createCloseStaleGaps,
} from './tickets/use-cases/close-stale-gaps.ts';

export interface ScheduledJobsDeps
  extends Pick<ExpireOrdersDeps & EndKeptHoldsDeps, 'orders'>,
    Pick<CloseStaleGapsDeps, 'gaps' | 'gapTimeoutMs' | 'onVersionsSkipped'> {
  gapLease: Lease;
  /** False where no order keeps a hold. */
  keptHolds: false | Pick<EndKeptHoldsDeps, 'lease' | 'eventSpacingMs'>;
  holdIndex: Pick<HoldIndex, 'check'>;
  /** Undefined where nobody counts overdue refunds. */
  refundIndex: Pick<BackgroundIndex, 'check'> | undefined;
  /** Undefined without a cooldown. */
  cooldownIndex: Pick<BackgroundIndex, 'check'> | undefined;
  broker: Pick<CloseStaleGapsDeps, 'subscribedSince'>;
  availability: Availability;
  clock: Clock;
  log: Logger;
}

export interface ScheduledJobs {
  /** The items that the jobs fail to handle. */
  retrySchedules: RetrySchedule[];
  /** The updates that are parked; none where another process scans them. */
  parked: CloseStaleGaps['parked'];
  /** Resolves when no pass is running and none will run again. */
  stop(): Promise<void>;
}

const expiryEveryMs = 1_000;
const gapsEveryMs = 1_000;
/** A full search reads all that is overdue, also what keeps failing. */
const searchEveryMs = 60_000;

/** No kept hold outlasts its time by more than 10 s. */
const keptHoldsEveryMs = 2_000;

/** How long tickets can be sold twice, at most, once somebody has dropped the index. */
const checkHoldIndexEveryMs = 10_000;

/**
 * How long a gauge is missing or a cooldown is not kept to, at most, once somebody has dropped the index and before it is built
 * again.
 */
const checkBackgroundIndexEveryMs = 30_000;

/**
 * Starts the scheduled jobs: they expire overdue orders, end kept holds, close stale gaps and check the indexes that serving depends on. They
 * pause while the database is away.
 */
export function startScheduledJobs(deps: ScheduledJobsDeps): ScheduledJobs {
  const {
    gapLease,
    keptHolds,
    holdIndex,
    refundIndex,
    cooldownIndex,
    orders,
    gaps,
    broker,
    availability,
    clock,
    log,
    gapTimeoutMs,
    onVersionsSkipped,
  } = deps;
  const overdueOrders = createRetrySchedule({ kind: 'overdue order', clock, log });
  const ticketGaps = createRetrySchedule({ kind: 'ticket gap', clock, log });
  const loop = (name: string, everyMs: number, pass: Pass) =>
    repeat(name, everyMs, availability.skipping(pass), log);

  const expiry = { orders, clock, retries: overdueOrders };
  const overdueSearch = loop('overdue orders', searchEveryMs, (signal) =>
    expireOverdueOrders(expiry, signal),
  );
  const closeStaleGaps = createCloseStaleGaps({
    gaps,
    lease: gapLease,
    retries: ticketGaps,
    subscribedSince: broker.subscribedSince,
    gapTimeoutMs,
    clock,
    log,
    ...(onVersionsSkipped && { onVersionsSkipped }),
  });
  const keptHoldRetries = createRetrySchedule({ kind: 'kept hold', clock, log });
  const endKeptHolds =
    keptHolds && createKeptHoldsPass({ orders, clock, retries: keptHoldRetries, ...keptHolds });
  const jobs = [
    loop('expiry sweep', expiryEveryMs, createExpirySweep(expiry, overdueSearch.wake)),
    overdueSearch,
    loop('stale ticket gaps', gapsEveryMs, closeStaleGaps.pass),
    loop('hold index', checkHoldIndexEveryMs, holdIndex.check),
    ...(endKeptHolds ? [loop('kept holds', keptHoldsEveryMs, endKeptHolds)] : []),
    ...(refundIndex ? [loop('refund index', checkBackgroundIndexEveryMs, refundIndex.check)] : []),
    ...(cooldownIndex ? [loop('cooldown index', checkBackgroundIndexEveryMs, cooldownIndex.check)] : []),
  ];
  return {
    retrySchedules: [overdueOrders, ticketGaps, ...(endKeptHolds ? [keptHoldRetries] : [])],
    parked: closeStaleGaps.parked,
    async stop() {
      await Promise.all(jobs.map(({ stop }) => stop()));
    },
  };
}
