import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import type { Environment } from '../environment/environment.ts';
import { newOrder, paidOrder, publishedOrder } from '../fixtures/candidate-orders.ts';
import { storeAll } from '../fixtures/tickets.ts';
import { type Figure, type Measured, type Ratio, ratio } from '../report/figures.ts';
import { createRecorder, type Recorder } from '../report/recorder.ts';
import { measureScenario } from '../scenarios/measure-scenario.ts';
import { list, place, type SeededService, show } from '../scenarios/request-scenarios.ts';
import { seedService } from '../scenarios/seed-service.ts';
import type { Options } from './options.ts';
import { rotated, roundsOf } from './rounds.ts';

/** Few at a time, so that latencies show what a request costs and not how long it queues. */
const inFlight = 4;
/** What a sweep finds. */
const overdue = 50;
const due = 100;
const batchSize = 10_000;
const unit = 'p50 ms';

interface GrownService extends SeededService {
  /** How many orders are stored. */
  size: number;
}

/** The same requests and sweeps with more and more orders stored, a database for each size, in turn. */
export async function measureGrowth(environment: Environment, options: Options): Promise<Measured> {
  const recorder = createRecorder();
  const grown: GrownService[] = [];
  for (const size of options.orders) grown.push(await storeEarlierOrders(environment, size));
  const amount = Math.min(options.requests, options.growthRequests);
  for (const round of roundsOf(options, recorder)) {
    for (const one of rotated(grown, round)) await measureRequests(environment, one, amount, round.recorder);
  }
  // Their own sweeps would take what is measured next.
  for (const { service } of grown) await service.stop();
  for (const round of roundsOf(options, recorder)) {
    for (const one of rotated(grown, round)) await measureSweeps(environment, one, round.recorder);
  }
  const figures = recorder.figures();
  return { figures, ratios: ratiosToSmallest(options, figures) };
}

function ratiosToSmallest({ orders: [smallest = 0, ...larger] }: Options, figures: Figure[]): Ratio[] {
  const whats = [...new Set(figures.map(({ what }) => what))];
  return larger.flatMap((size) =>
    whats.map((what) =>
      ratio(figures, { what, who: sizeName(size), unit }, { what, who: sizeName(smallest), unit }),
    ),
  );
}

const sizeName = (size: number) => `${size.toLocaleString('en-US')} orders`;

/** Orders of earlier days, 30 of each buyer, and a few buyers of today. */
async function storeEarlierOrders(environment: Environment, size: number): Promise<GrownService> {
  const service = await environment.startCandidate(`growth-${size}`);
  for (let stored = 0; stored < size; stored += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, size - stored) }, (_, index) =>
      paidOrder({ userId: `buyer ${Math.floor((stored + index) / 30)}` }),
    );
    await storeAll(service.database, 'orders', batch);
  }
  return { size, ...(await seedService(environment, service, { buyers: 100, viewers: 10 })) };
}

async function measureRequests(
  environment: Environment,
  grown: GrownService,
  amount: number,
  recorder: Recorder,
): Promise<void> {
  const who = sizeName(grown.size);
  for (const scenario of [place, show, list]) {
    const { p50 } = await measureScenario(environment, grown, { scenario, inFlight, amount });
    recorder.record({ what: `${scenario.name}, ${inFlight} in flight`, who, unit }, p50);
  }
}

async function measureSweeps(
  { jobWorker, broker }: Environment,
  { size, service: { uri, database } }: GrownService,
  recorder: Recorder,
): Promise<void> {
  const job = { uri, broker };
  const who = sizeName(size);
  await ensureIndexes([orderCollection(database)]);
  const late = Array.from({ length: overdue }, () => publishedOrder({ userId: 'late', holdMs: -1_000 }));
  await storeAll(database, 'orders', late);
  const expiring = await jobWorker.run('expireOrders', job);
  recorder.record({ what: `sweep of ${overdue} overdue orders`, who, unit }, expiring);
  // The events of the expired orders are not measured.
  await jobWorker.run('drainOutboxes', job);
  const waiting = Array.from({ length: due }, () => newOrder({ userId: 'due' }));
  await storeAll(database, 'orders', waiting);
  const draining = await jobWorker.run('drainOutboxes', job);
  recorder.record({ what: `relay of ${due} events`, who, unit }, draining);
}
