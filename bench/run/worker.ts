import { type Announced, type AnswersJob, answers } from './answers.ts';
import { type CrowdJob, type CrowdResult, crowd } from './crowd.ts';
import { type DriverJob, insertOrders, updateTickets } from './driver.ts';
import { closeGaps, type GapJob, type GapResult } from './gaps.ts';
import { type LoadJob, type LoadResult, load } from './load.ts';
import { type BrokerAddress, drainOutboxes, expireOrders, type PassJob } from './passes.ts';
import { type ProbeJob, type ProbeResult, probe } from './probe.ts';
import { type PublishJob, publish } from './publish.ts';
import { type Arrivals, arrivedEvents, watchEvents } from './watch.ts';

/**
 * A process that does one job at a time for the benchmark: the load generator is one, the driver's own rate is measured
 * in another, so that neither is slowed by the one that keeps the books.
 */

type Job<Wish, Result> = (wish: Wish) => Promise<Result>;

/** What can be asked for, by name: what it takes, and what it resolves with. */
export interface Jobs {
  crowd: { wish: CrowdJob; result: CrowdResult };
  probe: { wish: ProbeJob; result: ProbeResult };
  load: { wish: LoadJob; result: LoadResult };
  insertOrders: { wish: DriverJob; result: number };
  updateTickets: { wish: DriverJob; result: number };
  drainOutboxes: { wish: PassJob; result: number };
  expireOrders: { wish: PassJob; result: number };
  publish: { wish: PublishJob; result: number };
  closeGaps: { wish: GapJob; result: GapResult };
  answers: { wish: AnswersJob; result: Announced[] };
  watchEvents: { wish: BrokerAddress; result: undefined };
  arrivedEvents: { wish: { count: number }; result: Arrivals };
}

const jobs: { [Name in keyof Jobs]: Job<Jobs[Name]['wish'], Jobs[Name]['result']> } = {
  crowd,
  probe,
  load,
  insertOrders,
  updateTickets,
  drainOutboxes,
  expireOrders,
  publish,
  closeGaps,
  answers,
  watchEvents,
  arrivedEvents,
};

/** What is sent to this process; the sender's types tie the wish to the name. */
interface Request {
  name: keyof Jobs;
  wish: unknown;
}

async function work({ name, wish }: Request): Promise<void> {
  try {
    const run = jobs[name] as Job<unknown, unknown>;
    process.send?.({ result: await run(wish) });
  } catch (error) {
    process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

process.on('message', (request: Request) => void work(request));
