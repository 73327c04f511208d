import type { Logger } from 'pino';
import type { Lease } from '../../platform/mongo/lease-store.ts';
import { addMs } from '../../platform/time/clock.ts';
import { missingVersions, type SkippedVersions } from '../domain/ticket.ts';
import { type Gaps, type SettleDeps, settleGaps } from './close-gaps.ts';
import { createParkedWalk, type SeenParked, type WalkedPart } from './parked-walk.ts';
import { createSteadyReception, type SteadyReceptionDeps } from './steady-reception.ts';

/** The job that one process does at a time for all. Stored: another replica looks for the same name. */
export const gapLeaseName = 'ticket gaps';
/** Longer than a pass with the operation that it may have begun at its end. */
const leaseMs = 10_000;
/** A pass begins nothing after this long, so that the lease does not run out under it and a stop does not wait. */
const passMs = 2_000;
/** Updates that a pass looks at, and so the most gaps that it closes. */
const maxGaps = 250;
/** Tickets that failed and are due again, in one pass. */
const maxRetries = 50;
/** What counts as young where gaps stay open for ever. */
const youngMs = 600_000;

export interface CloseStaleGapsDeps extends SettleDeps, SteadyReceptionDeps {
  lease: Lease;
  log: Logger;
  /** How long a gap may stay open before it is closed without the missing versions, in milliseconds; 0: for ever. */
  gapTimeoutMs: number;
  /** Called with every gap that was closed without the missing versions, to count them. */
  onVersionsSkipped?: (ticketId: string, skipped: SkippedVersions) => void;
}

export interface CloseStaleGaps {
  pass(signal?: AbortSignal): Promise<void>;
  /**
   * What is parked, as the last walks have seen it: exact where that is little; else as many as have been seen so far.
   * Nothing, in processes that leave the gaps to another.
   */
  parked(): SeenParked;
}

/**
 * Makes the pass that closes the gaps which have been open for longer than the time-out, if no other process is about
 * it. Events carry the whole ticket, so only the versions in between are lost; they are stored, logged and counted.
 * Passes of bounded size follow one another while gaps are due. On the way it applies what a crash left undone.
 */
export function createCloseStaleGaps(deps: CloseStaleGapsDeps): CloseStaleGaps {
  const { gaps, lease, clock, gapTimeoutMs, retries } = deps;
  const reception = createSteadyReception(deps);
  const beginning = new Date(0);
  const stale = createParkedWalk(gaps);
  const young = createParkedWalk(gaps);
  let closedInWalk = 0;
  const mayClose = () => gapTimeoutMs > 0 && reception.isSteady();
  const cutoff = () => addMs(clock(), -(gapTimeoutMs || youngMs));

  /** The tickets of updates parked for longer than the time-out; with their highest versions, if gaps may be closed. */
  function staleOf(updates: WalkedPart['updates']): Gaps {
    const highest = new Map<string, number | undefined>();
    for (const { ticketId, version } of updates)
      highest.set(ticketId, mayClose() ? Math.max(version, highest.get(ticketId) ?? version) : undefined);
    return highest;
  }

  /** One bounded pass over what is stale. Resolves with whether there is more to be done at once. */
  async function closeSome(shouldContinue: () => boolean): Promise<boolean> {
    const range = { until: cutoff(), backTo: beginning };
    const { updates, isEnd } = await stale.next(range, maxGaps, shouldContinue);
    const due = staleOf(updates.filter(({ ticketId }) => !retries.isPaused(ticketId)));
    await report(deps);
    const closed = await settleGaps(deps, due, shouldContinue);
    if (closed > 0) await report(deps);
    closedInWalk += closed;
    // Once through is not enough: a ticket may have another gap, and the walk may have begun in the middle.
    const isMoreDue = !isEnd || closedInWalk > 0;
    if (isEnd) closedInWalk = 0;
    return mayClose() && isMoreDue;
  }

  /** One bounded pass over a part of what is younger, for what a process that died has left undone. */
  async function drainSome(shouldContinue: () => boolean): Promise<boolean> {
    const range = { until: clock(), backTo: cutoff() };
    const { updates } = await young.next(range, maxGaps, shouldContinue);
    const ids = updates.map(({ ticketId }) => ticketId).filter((id) => !retries.isPaused(id));
    const open: Gaps = new Map([...ids, ...retries.due(maxRetries)].map((id) => [id, undefined]));
    await settleGaps(deps, open, shouldContinue);
    return false;
  }

  async function underLease(pass: typeof closeSome, signal: AbortSignal | undefined): Promise<boolean> {
    const now = clock();
    const isOurs = await lease.take({ now, until: addMs(now, leaseMs) });
    reception.answered();
    if (!isOurs) {
      stale.forget();
      young.forget();
      return false;
    }
    const deadline = performance.now() + passMs;
    try {
      return await pass(() => !signal?.aborted && performance.now() < deadline);
    } finally {
      // Another process may be able to do what this one must not.
      if (!mayClose()) await lease.release();
    }
  }

  return {
    async pass(signal) {
      try {
        while (!signal?.aborted && (await underLease(closeSome, signal)));
        if (!signal?.aborted) await underLease(drainSome, signal);
      } catch (error) {
        reception.failed();
        throw error;
      }
    },
    parked: () => ({
      count: stale.seen().count + young.seen().count,
      since: stale.seen().since ?? young.seen().since,
    }),
  };
}

/** Logs and counts the gaps that were closed, also those of a process that died before it had. */
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
