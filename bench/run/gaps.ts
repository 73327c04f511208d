import pino from 'pino';
import { createLease } from '../../src/platform/mongo/lease-store.ts';
import { createRetrySchedule } from '../../src/platform/time/retry-schedule.ts';
import { createGapStore } from '../../src/tickets/store/gap-store.ts';
import { parkedUpdateModel, ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { createCloseStaleGaps, gapLeaseName } from '../../src/tickets/use-cases/close-stale-gaps.ts';
import { connected } from './driver.ts';

export interface GapJob {
  uri: string;
  /** What has been parked for longer than this, in milliseconds, is due. */
  gapTimeoutMs: number;
}

export interface GapResult {
  closedPerSecond: number;
  findMs: number;
  scrapeMs: number;
}

const log = pino({ level: 'silent' });
/** Longer than a process has to be subscribed before it closes gaps. */
const steadyMs = 100_000;
const maxGaps = 250;

/** Finds what is due, reads what a scrape reads, and closes all gaps that are due, as a replica does that has been up for long. */
export async function closeGaps({ uri, gapTimeoutMs }: GapJob): Promise<GapResult> {
  const database = await connected(uri);
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
  const findMs = await milliseconds(() => gaps.page(new Date(0), new Date(started - gapTimeoutMs), maxGaps));
  const scrapeMs = await milliseconds(() => gaps.countParked());
  await closeStaleGaps.pass();
  aheadMs = steadyMs;
  const closingMs = await milliseconds(() => closeStaleGaps.pass());
  // Its clock was ahead, and the next job is another process to it.
  await lease.release();
  return { closedPerSecond: (1_000 * closed) / closingMs, findMs, scrapeMs };
}

async function milliseconds(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}
