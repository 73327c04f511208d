import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { openBook } from '../figures/book.ts';
import { type Measured, ratio } from '../figures/figures.ts';
import { roundsOf } from '../figures/rounds.ts';
import type { Options } from '../options.ts';
import type { Stage } from '../stage.ts';
import { newOrder } from '../stored/our-orders.ts';
import { storeAll } from '../stored/tickets.ts';

const inFlight = 128;
const relayed = { what: 'relay, outbox to acknowledged', who: 'ours', unit: 'events a second' };
const published = { ...relayed, who: 'publishing alone' };

/** Events that wait in outboxes, until the broker has them and they are out of there; and the broker's own rate. */
export async function measureRelay(stage: Stage, options: Options): Promise<Measured> {
  const { requests } = options;
  const { broker, helper } = stage;
  const { uri, connection } = await stage.database('relay');
  await ensureIndexes([orderCollection(connection)]);
  const kept = openBook();
  for (const { book } of roundsOf(options, kept)) {
    const orders = Array.from({ length: requests }, () => newOrder({ userId: 'a buyer' }));
    await storeAll(connection, 'orders', orders);
    const milliseconds = await helper.ask('drainOutboxes', { uri, broker });
    const messages = orders.flatMap(({ outbox }) => outbox);
    const rate = await helper.ask('publish', { broker, messages, inFlight });
    book.add(relayed, (1_000 * requests) / milliseconds);
    book.add(published, rate);
  }
  return { figures: kept.figures(), ratios: [ratio(kept.figures(), relayed, published)] };
}
