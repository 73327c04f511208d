import type { Logger } from 'pino';
import type { Lease } from '../../platform/mongo/lease-store.ts';
import { addMs } from '../../platform/time/clock.ts';
import { missingVersions, type SkippedVersions } from '../domain/ticket.ts';
import { type CloseGapsDeps, closeGaps, type Gaps } from './close-gaps.ts';
import { type GapClosingConditionsDeps, watchGapClosingConditions } from './gap-closing-conditions.ts';
import { gapLeaseMs, gapPassMs } from './gap-lease.ts';
import { createParkedScan, type ScanPart, type SeenParked } from './parked-scan.ts';

/** Updates that a pass reads, and so the maximum of gaps that it closes. */
const maxGaps = 250;
/** Tickets that have failed and are tried again in one pass. */
const maxRetries = 50;
/** Updates younger than this are young when gaps stay open without a limit. */
const youngMs = 600_000;

export interface CloseStaleGapsDeps extends CloseGapsDeps, GapClosingConditionsDeps {
  lease: Lease;
  log: Logger;
  /** How long a gap may stay open before it is closed without the missing versions, in milliseconds; 0 for no limit. */
  gapTimeoutMs: number;
  /** Called with every gap that was closed without the missing versions, to count them. */
  onVersionsSkipped?: (ticketId: string, skipped: SkippedVersions) => void;
}

export interface CloseStaleGaps {
  pass(signal?: AbortSignal): Promise<void>;
  /**
   * The parked updates that the last scans have read: all of them when there are few, otherwise those read so far.
   * Nothing in a process that does not have the lease.
   */
  parked(): SeenParked;
}

/**
 * Makes the pass that closes the gaps which have been open for longer than the time-out, unless another process does it.
 * Events contain the whole ticket, so only the versions in between are lost; they are stored, logged and counted. While
 * gaps are due, passes of limited size follow one another. They also apply what a crash has left parked.
 */
export function createCloseStaleGaps(deps: CloseStaleGapsDeps): CloseStaleGaps {
  const { gaps, lease, clock, gapTimeoutMs, retries } = deps;
  const conditions = watchGapClosingConditions(deps);
  const beginning = new Date(0);
  const stale = createParkedScan(gaps);
  const young = createParkedScan(gaps);
  let closedInScan = 0;
  const mayClose = () => gapTimeoutMs > 0 && conditions.areMet();
  const cutoff = () => addMs(clock(), -(gapTimeoutMs || youngMs));

  /** The tickets of updates parked for longer than the time-out; with their highest versions, if gaps may be closed. */
  function staleOf(updates: ScanPart['updates']): Gaps {
    const highest = new Map<string, number | undefined>();
    for (const { ticketId, version } of updates)
      highest.set(ticketId, mayClose() ? Math.max(version, highest.get(ticketId) ?? version) : undefined);
    return highest;
  }

  /** Closes gaps in one part of the stale updates. Resolves with whether there is more to do now. */
  async function closeSome(shouldContinue: () => boolean): Promise<boolean> {
    const range = { until: cutoff(), backTo: beginning };
    const { updates, isEnd } = await stale.next(range, maxGaps, shouldContinue);
    const due = staleOf(updates.filter(({ ticketId }) => !retries.isPaused(ticketId)));
    await report(deps);
    const closed = await closeGaps(deps, due, shouldContinue);
    if (closed > 0) await report(deps);
    closedInScan += closed;
    // One scan is not enough: a ticket may have another gap, and the scan may have started in the middle.
    const isMoreDue = !isEnd || closedInScan > 0;
    if (isEnd) closedInScan = 0;
    return mayClose() && isMoreDue;
  }

  /** In one part of the young updates, applies those that a crashed process has left parked. */
  async function drainSome(shouldContinue: () => boolean): Promise<boolean> {
    const range = { until: clock(), backTo: cutoff() };
    const { updates } = await young.next(range, maxGaps, shouldContinue);
    const ids = updates.map(({ ticketId }) => ticketId).filter((id) => !retries.isPaused(id));
    const open: Gaps = new Map([...ids, ...retries.due(maxRetries)].map((id) => [id, undefined]));
    await closeGaps(deps, open, shouldContinue);
    return false;
  }

  async function underLease(pass: typeof closeSome, signal: AbortSignal | undefined): Promise<boolean> {
    const now = clock();
    const isTaken = await lease.take({ now, until: addMs(now, gapLeaseMs) });
    conditions.databaseAnswered();
    if (!isTaken) {
      stale.forget();
      young.forget();
      return false;
    }
    const deadline = performance.now() + gapPassMs;
    try {
      return await pass(() => !signal?.aborted && performance.now() < deadline);
    } finally {
      // Another process may be allowed to close gaps when this one is not.
      if (!mayClose()) await lease.release();
    }
  }

  return {
    async pass(signal) {
      try {
        while (!signal?.aborted && (await underLease(closeSome, signal)));
        if (!signal?.aborted) await underLease(drainSome, signal);
      } catch (error) {
        conditions.databaseFailed();
        throw error;
      }
    },
    parked: () => ({
      count: stale.seen().count + young.seen().count,
      since: stale.seen().since ?? young.seen().since,
    }),
  };
}

/** Logs and counts the closed gaps, also those of a process that crashed before it reported them. */
async function report({ gaps, log, onVersionsSkipped }: CloseStaleGapsDeps): Promise<void> {
  const unreported = await gaps.unreported.find(maxGaps);
  for (const { ticketId, skipped } of unreported) {
    log.warn(
      { ticketId, missing: missingVersions(skipped) },
      'closed a gap in a ticket without the versions that never came',
    );
    onVersionsSkipped?.(ticketId, skipped);
  }
  await gaps.unreported.clear(unreported);
}
