import pino from 'pino';
import { createLease } from '../../src/platform/mongo/lease-store.ts';
import { createRetrySchedule } from '../../src/platform/time/retry-schedule.ts';
import { createGapStore } from '../../src/tickets/store/gap-store.ts';
import { parkedUpdateModel, ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { createCloseStaleGaps, gapLeaseName } from '../../src/tickets/use-cases/close-stale-gaps.ts';
import { openDatabase } from './connections.ts';
import { durationMs } from './timing.ts';

export interface GapJob {
  uri: string;
  /** What has been parked for longer than this is due. */
  gapTimeoutMs: number;
}

export interface GapResult {
  closedPerSecond: number;
  findMs: number;
  scrapeMs: number;
}

const log = pino({ level: 'silent' });
/** Longer than a process must be subscribed before it closes gaps. */
const subscribedForMs = 100_000;
const maxGaps = 250;

/** Queries what is due, reads what a scrape reads, and closes all due gaps, as a process does that runs for long already. */
export async function closeGaps({ uri, gapTimeoutMs }: GapJob): Promise<GapResult> {
  const database = await openDatabase(uri);
  const gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));
  const started = Date.now();
  let aheadMs = 0;
  let closed = 0;
  const clock = () => new Date(Date.now() + aheadMs);
  const lease = createLease(database, gapLeaseName);
  const closeStaleGaps = createCloseStaleGaps({
    gaps,
    lease,
    retries: createRetrySchedule({ kind: 'ticket gap', clock, log }),
    subscribedSince: () => new Date(started),
    clock,
    log,
    gapTimeoutMs,
    onVersionsSkipped: () => closed++,
  });
  const findMs = await durationMs(() => gaps.page(new Date(0), new Date(started - gapTimeoutMs), maxGaps));
  const scrapeMs = await durationMs(() => gaps.countParked());
  await closeStaleGaps.pass();
  aheadMs = subscribedForMs;
  const closingMs = await durationMs(() => closeStaleGaps.pass());
  // Its clock was ahead, and to the lease the next job is another process.
  await lease.release();
  return { closedPerSecond: (1_000 * closed) / closingMs, findMs, scrapeMs };
}
