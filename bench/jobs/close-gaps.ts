import type { Connection } from 'mongoose';
import pino from 'pino';
import { deadLetterModel } from '../../src/messaging/dead-letters/dead-letter-model.ts';
import { createDeadLetterStore } from '../../src/messaging/dead-letters/dead-letter-store.ts';
import { type BacklogDeps, backlogMetrics } from '../../src/metrics/backlog-metrics.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { createOutboxStore } from '../../src/orders/store/outbox-store.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { createLease } from '../../src/platform/mongo/lease-store.ts';
import { createRetrySchedule } from '../../src/platform/time/retry-schedule.ts';
import { createGapStore } from '../../src/tickets/store/gap-store.ts';
import { parkedUpdateModel, ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { createCloseStaleGaps } from '../../src/tickets/use-cases/close-stale-gaps.ts';
import { gapLeaseName } from '../../src/tickets/use-cases/gap-lease.ts';
import { createParkedScan } from '../../src/tickets/use-cases/parked-scan.ts';

import { openDatabase } from './connections.ts';
import { durationMs } from './timing.ts';

export interface GapJob {
  uri: string;
  /** When the gaps were stored, in milliseconds. The job starts at that time, however long the storing has taken. */
  storedAt: number;
  /** What has been parked for longer than this is due. */
  gapTimeoutMs: number;
}

export interface GapResult {
  closedPerSecond: number;
  /** The first part of what is due, by a process that knows nothing yet; and the next one. */
  firstFindMs: number;
  findMs: number;
  scrapeMs: number;
}

const log = pino({ level: 'silent' });
/** Longer than a process must be subscribed before it closes gaps. */
const subscribedForMs = 100_000;
const maxGaps = 250;

/** Queries what is due, reads what a scrape reads, and closes all due gaps, as a process does that runs for long already. */
export async function closeGaps({ uri, storedAt, gapTimeoutMs }: GapJob): Promise<GapResult> {
  const database = await openDatabase(uri);
  const gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));
  const started = performance.now();
  let aheadMs = 0;
  let closed = 0;
  const clock = () => new Date(storedAt + aheadMs + performance.now() - started);
  const lease = createLease(database, gapLeaseName);
  const closeStaleGaps = createCloseStaleGaps({
    gaps,
    lease,
    retries: createRetrySchedule({ kind: 'ticket gap', clock, log }),
    subscribedSince: () => new Date(storedAt),
    clock,
    log,
    gapTimeoutMs,
    onVersionsSkipped: () => closed++,
  });
  const scan = createParkedScan(gaps);
  const due = { until: new Date(storedAt - gapTimeoutMs), backTo: new Date(0) };
  const find = () => durationMs(() => scan.next(due, maxGaps, () => true));
  const [firstFindMs, findMs] = [await find(), await find()];
  await closeStaleGaps.pass();
  const scrapeMs = await scrape(database, { clock, parked: closeStaleGaps.parked });
  aheadMs = subscribedForMs;
  const closingMs = await durationMs(() => closeStaleGaps.pass());
  // Its clock was ahead, and to the lease the next job is another process.
  await lease.release();
  return { closedPerSecond: (1_000 * closed) / closingMs, firstFindMs, findMs, scrapeMs };
}

/** Has the gauges read as for a scrape. In milliseconds. */
function scrape(database: Connection, state: Pick<BacklogDeps, 'clock' | 'parked'>): Promise<number> {
  const orders = orderModel(database);
  const refresh = backlogMetrics(createMetrics().registry, {
    ...state,
    pingDatabase: () => database.db?.command({ ping: 1 }) ?? Promise.resolve(),
    outboxes: createOutboxStore(orders),
    orders: createOrderStore(orders, ticketModel(database), leaveToSweep(state.clock)),
    deadLetters: createDeadLetterStore(deadLetterModel(database), state.clock),
  });
  return durationMs(refresh);
}
