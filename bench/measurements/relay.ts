import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import type { Environment } from '../environment/environment.ts';
import { newOrder } from '../fixtures/candidate-orders.ts';
import { storeAll } from '../fixtures/tickets.ts';
import { type Measured, ratio } from '../report/figures.ts';
import { createRecorder } from '../report/recorder.ts';
import type { Options } from './options.ts';
import { roundsOf } from './rounds.ts';

const inFlight = 128;
const relayed = { what: 'relay, outbox to acknowledged', who: 'candidate', unit: 'events a second' };
const published = { ...relayed, who: 'publishing alone' };

/** Drains full outboxes, until the broker has acknowledged their events; beside it, the broker's own rate. */
export async function measureRelay(environment: Environment, options: Options): Promise<Measured> {
  const { requests } = options;
  const { broker, jobWorker } = environment;
  const { uri, connection } = await environment.createDatabase('relay');
  await ensureIndexes([orderCollection(connection)]);
  const total = createRecorder();
  for (const { recorder } of roundsOf(options, total)) {
    const orders = Array.from({ length: requests }, () => newOrder({ userId: 'a buyer' }));
    await storeAll(connection, 'orders', orders);
    const milliseconds = await jobWorker.run('drainOutboxes', { uri, broker });
    const messages = orders.flatMap(({ outbox }) => outbox);
    const rate = await jobWorker.run('publish', { broker, messages, inFlight });
    recorder.record(relayed, (1_000 * requests) / milliseconds);
    recorder.record(published, rate);
  }
  return { figures: total.figures(), ratios: [ratio(total.figures(), relayed, published)] };
}
