import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { type Book, openBook } from '../figures/book.ts';
import { type Measured, ratio } from '../figures/figures.ts';
import { roundsOf, turnsOf } from '../figures/rounds.ts';
import type { Options } from '../options.ts';
import { type Cast, list, place, show } from '../scenarios.ts';
import { settled } from '../settled.ts';
import type { Contestant, Stage } from '../stage.ts';
import { makeBuyers } from '../stored/buyers.ts';
import { storeOrders } from '../stored/orders.ts';
import { newOrder, paidOrder, toldOrder } from '../stored/our-orders.ts';
import { storeAll } from '../stored/tickets.ts';

/** Few at a time, so that latencies tell what a request costs and not how long it queues. */
const inFlight = 4;
/** What a sweep finds. */
const overdue = 50;
const due = 100;
const atOnce = 10_000;

interface Grown {
  size: number;
  contestant: Contestant;
  cast: Cast;
}

/** The same requests and sweeps with more and more orders stored, a database for each size, in turn. */
export async function measureGrowth(stage: Stage, options: Options): Promise<Measured> {
  const kept = openBook();
  const grown: Grown[] = [];
  for (const size of options.orders) grown.push(await grow(stage, size));
  for (const round of roundsOf(options, kept)) {
    for (const one of turnsOf(grown, round)) await measureRequests(stage, one, { options, book: round.book });
  }
  // Their sweeps would take what is measured next.
  for (const { contestant } of grown) await contestant.stop();
  for (const round of roundsOf(options, kept)) {
    for (const one of turnsOf(grown, round)) await measureSweeps(stage, one, round.book);
  }
  const figures = kept.figures();
  const [smallest, ...larger] = options.orders;
  const whats = [...new Set(figures.map(({ what }) => what))];
  const ratios = larger.flatMap((size) =>
    whats.map((what) =>
      ratio(figures, { what, who: sizeName(size), unit }, { what, who: sizeName(smallest ?? 0), unit }),
    ),
  );
  return { figures, ratios };
}

const unit = 'p50 ms';
const sizeName = (size: number) => `${size.toLocaleString('en-US')} orders`;

/** Orders of earlier days, 30 of each buyer, and a few buyers of today. */
async function grow(stage: Stage, size: number): Promise<Grown> {
  const contestant = await stage.ours(`growth-${size}`);
  for (let stored = 0; stored < size; stored += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, size - stored) }, (_, place) =>
      paidOrder({ userId: `buyer ${Math.floor((stored + place) / 30)}` }),
    );
    await storeAll(contestant.database, 'orders', some);
  }
  const [buyers, viewers] = [makeBuyers(100, stage.jwtKey), makeBuyers(10, stage.jwtKey)];
  const orders = await storeOrders(contestant, { buyers: viewers, each: 30 });
  return { size, contestant, cast: { contestant, buyers, viewers, orders } };
}

async function measureRequests(
  stage: Stage,
  { size, contestant, cast }: Grown,
  { options, book }: { options: Options; book: Book },
): Promise<void> {
  const amount = Math.min(options.requests, options.growthRequests);
  for (const scenario of [place, show, list]) {
    const requests = await scenario.prepare(cast, amount);
    const result = await stage.generator.ask('load', { url: contestant.process.url, inFlight, requests });
    const complaint = scenario.complaint(contestant.name, result.statuses, amount);
    if (complaint) throw new Error(`${scenario.name} with ${sizeName(size)}: ${complaint}`);
    await settled(contestant);
    book.add({ what: `${scenario.name}, ${inFlight} in flight`, who: sizeName(size), unit }, result.p50);
  }
}

async function measureSweeps(stage: Stage, { size, contestant }: Grown, book: Book): Promise<void> {
  const { uri, database } = contestant;
  const job = { uri, broker: stage.broker };
  const who = sizeName(size);
  await ensureIndexes([orderCollection(database)]);
  const late = Array.from({ length: overdue }, () => toldOrder({ userId: 'late', holdMs: -1_000 }));
  await storeAll(database, 'orders', late);
  book.add(
    { what: `sweep of ${overdue} overdue orders`, who, unit },
    await stage.helper.ask('expireOrders', job),
  );
  // What that has left in the outboxes is not to be counted.
  await stage.helper.ask('drainOutboxes', job);
  await storeAll(
    database,
    'orders',
    Array.from({ length: due }, () => newOrder({ userId: 'due' })),
  );
  book.add({ what: `relay of ${due} events`, who, unit }, await stage.helper.ask('drainOutboxes', job));
}
