import type { BrokerAddress } from '../../dev/embedded/embedded-server.ts';
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
const onJetStream = { ...relayed, what: 'relay on JetStream, outbox to acknowledged' };
const publishedOnJetStream = { ...onJetStream, who: 'publishing alone' };
/** What the relay does by itself: its outboxes are in memory. */
const unstored = { ...onJetStream, who: 'candidate without a database' };
const bare = { ...onJetStream, who: 'the client alone' };

/**
 * Drains full outboxes, until the broker has acknowledged their events; beside it, the broker's own rate, by the adapter
 * and, on JetStream, by the relay without a database and by the bare client.
 */
export async function measureRelay(environment: Environment, options: Options): Promise<Measured> {
  const { requests } = options;
  const { broker, jobWorker } = environment;
  const jetStream = { url: await environment.startJetStream() };
  const { uri, connection } = await environment.createDatabase('relay');
  await ensureIndexes([orderCollection(connection)]);
  const total = createRecorder();
  const relay = async (through: BrokerAddress) => {
    const { orders, events } = newOutboxes(requests);
    await storeAll(connection, 'orders', orders);
    const milliseconds = await jobWorker.run('drainOutboxes', { uri, broker: through });
    return { rate: (1_000 * requests) / milliseconds, messages: events };
  };
  for (const { recorder } of roundsOf(options, total)) {
    const first = await relay(broker);
    recorder.record(relayed, first.rate);
    recorder.record(published, await jobWorker.run('publish', { broker, ...first, inFlight }));
    const second = await relay(jetStream);
    recorder.record(onJetStream, second.rate);
    const job = { ...second, inFlight };
    recorder.record(publishedOnJetStream, await jobWorker.run('publish', { broker: jetStream, ...job }));
    const { events } = newOutboxes(requests);
    const milliseconds = await jobWorker.run('drainMemory', { broker: jetStream, events });
    recorder.record(unstored, (1_000 * requests) / milliseconds);
    recorder.record(bare, await jobWorker.run('publishBare', { ...jetStream, ...job }));
  }
  const figures = total.figures();
  return {
    figures,
    ratios: [
      ratio(figures, relayed, published),
      ratio(figures, onJetStream, publishedOnJetStream),
      ratio(figures, onJetStream, bare),
      ratio(figures, unstored, bare),
      ratio(figures, publishedOnJetStream, bare),
    ],
  };
}

function newOutboxes(amount: number) {
  const orders = Array.from({ length: amount }, () => newOrder({ userId: 'a buyer' }));
  return { orders, events: orders.flatMap(({ outbox }) => outbox) };
}
