import type { NatsStreamingAddress } from '../../dev/embedded/embedded-server.ts';
import { closeGaps, type GapJob, type GapResult } from './close-gaps.ts';
import { type CrowdJob, type CrowdResult, crowd } from './crowd.ts';
import { type DriverJob, insertOrders, updateTickets } from './driver-limits.ts';
import { type LoadJob, type LoadResult, load } from './load.ts';
import { type BarePublishJob, publishBare } from './open-broker.ts';
import { type ProbeJob, type ProbeResult, probeReadiness } from './probe-readiness.ts';
import { type PublishJob, publish } from './publish.ts';
import { type RecordedEvent, recordEvents, recordedEvents } from './record-events.ts';
import { type ExpectedEvent, type OrderChainsJob, sendOrderChains } from './send-order-chains.ts';
import { drainMemory, drainOutboxes, expireOrders, type MemorySweepJob, type SweepJob } from './sweeps.ts';

/**
 * The program of a process that runs one job at a time for the benchmark. One such process generates the load and another
 * measures the driver's own rate, so that neither is slowed by the process that records the figures.
 */

type Job<Input, Result> = (input: Input) => Promise<Result>;

/** The jobs by name: what each takes, and what it resolves with. */
export interface Jobs {
  crowd: { input: CrowdJob; result: CrowdResult };
  probeReadiness: { input: ProbeJob; result: ProbeResult };
  load: { input: LoadJob; result: LoadResult };
  insertOrders: { input: DriverJob; result: number };
  updateTickets: { input: DriverJob; result: number };
  drainOutboxes: { input: SweepJob; result: number };
  drainMemory: { input: MemorySweepJob; result: number };
  expireOrders: { input: SweepJob; result: number };
  publish: { input: PublishJob; result: number };
  publishBare: { input: BarePublishJob; result: number };
  closeGaps: { input: GapJob; result: GapResult };
  sendOrderChains: { input: OrderChainsJob; result: ExpectedEvent[] };
  recordEvents: { input: NatsStreamingAddress; result: undefined };
  recordedEvents: { input: { count: number }; result: RecordedEvent[] };
}

const jobs: { [Name in keyof Jobs]: Job<Jobs[Name]['input'], Jobs[Name]['result']> } = {
  crowd,
  probeReadiness,
  load,
  insertOrders,
  updateTickets,
  drainOutboxes,
  drainMemory,
  expireOrders,
  publish,
  publishBare,
  closeGaps,
  sendOrderChains,
  recordEvents,
  recordedEvents,
};

/** What is sent to this process; the sender's types tie the input to the name. */
interface JobRequest {
  name: keyof Jobs;
  input: unknown;
}

async function runJob({ name, input }: JobRequest): Promise<void> {
  try {
    const run = jobs[name] as Job<unknown, unknown>;
    process.send?.({ result: await run(input) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

process.on('message', (request: JobRequest) => void runJob(request));
// Its open connections would keep this process running after a benchmark that was killed.
process.once('disconnect', () => process.exit());
