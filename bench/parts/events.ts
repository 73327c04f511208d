import { type MeasuredBuild, withBuildBefore } from '../build-before.ts';
import { type Book, openBook } from '../figures/book.ts';
import type { Measured } from '../figures/figures.ts';
import { roundsOf } from '../figures/rounds.ts';
import type { Options } from '../options.ts';
import type { Announced, Step } from '../run/answers.ts';
import type { Arrivals } from '../run/watch.ts';
import { settled } from '../settled.ts';
import type { Contestant, Stage } from '../stage.ts';
import { type Buyer, inTurn, makeBuyers } from '../stored/buyers.ts';
import { storeOrders } from '../stored/orders.ts';
import { storeTickets } from '../stored/tickets.ts';

interface Site {
  stage: Stage;
  /** The first one, and another replica on the same database. */
  replicas: Contestant[];
  buyers: readonly Buyer[];
  broker: { url: string; clusterId: string };
  /** Where the broker keeps messages, and which build it is if not this one. */
  label: string;
  amount: number;
}

/**
 * From the answer to a purchase, and to a cancellation, until a subscriber has the event that tells of it; and how many
 * events came twice, or after a later one of their order. With two replicas each order is placed at one and cancelled
 * at the other right away.
 */
export async function measureEvents(stage: Stage, options: Options): Promise<Measured> {
  const kept = openBook();
  return withBuildBefore(options, async (before) => {
    const brokers = await stage.brokers();
    for (const build of [{ who: '' }, ...before])
      for (const broker of brokers) await measureBuild({ stage, options, kept }, build, broker);
    return { figures: kept.figures(), ratios: [] };
  });
}

interface Setting {
  stage: Stage;
  options: Options;
  kept: Book;
}

type Broker = Awaited<ReturnType<Stage['brokers']>>[number];

/** With one process, then with two. */
async function measureBuild(
  { stage, options, kept }: Setting,
  { who, ...build }: MeasuredBuild,
  { store, ...broker }: Broker,
): Promise<void> {
  const buyers = makeBuyers(500, stage.jwtKey);
  const name = `events-${store}${build.entry === undefined ? '' : '-before'}`;
  const first = await stage.ours(name, { ...build, broker });
  const label = [`${store} store`, who].filter(Boolean).join(', ');
  const site = { stage, replicas: [first], buyers, broker, label, amount: options.requests };
  const rounds = roundsOf(options, kept);
  for (const { book } of rounds) {
    for (const inFlight of options.eventsInFlight) {
      await measure(site, { what: 'place', inFlight, chains: await purchases(site), book });
      await measure(site, { what: 'cancel', inFlight, chains: await cancellations(site), book });
    }
  }
  const second = await stage.replicaOf(first, `${name}-2`, { ...build, broker });
  const both = { ...site, replicas: [first, second] };
  for (const { book } of rounds) {
    for (const inFlight of options.eventsInFlight) {
      const chains = await purchases(both, { cancelAtOther: true });
      await measure(both, { what: 'place and cancel, two replicas', inFlight, chains, book });
    }
  }
  await Promise.all([first.stop(), second.stop()]);
}

interface Run {
  what: string;
  inFlight: number;
  chains: Step[][];
  book: Book;
}

async function measure({ stage, replicas, broker, label }: Site, run: Run): Promise<void> {
  const { what, inFlight, chains, book } = run;
  await stage.helper.ask('watchEvents', broker);
  const announced = await stage.generator.ask('answers', { inFlight, chains });
  for (const replica of replicas) await settled(replica);
  const arrivals = await stage.helper.ask('arrivedEvents', { count: announced.length });
  const labels = { what: `answer to event: ${what}, ${inFlight} in flight`, who: label };
  const lags = lagsOf(announced, arrivals);
  const at = (part: number) => lags[Math.ceil(lags.length * part) - 1] ?? 0;
  book.add({ ...labels, unit: 'p50 ms' }, at(0.5));
  book.add({ ...labels, unit: 'p99 ms' }, at(0.99));
  book.add({ ...labels, unit: 'longest ms' }, at(1));
  book.add({ ...labels, unit: 'events sent twice' }, arrivals.length - announced.length);
}

/** In milliseconds, the shortest first. An event may be there before the answer has been read. */
function lagsOf(announced: Announced[], arrivals: Arrivals): number[] {
  // Of one that came twice the first counts.
  const arrivedAt = new Map(arrivals.toReversed());
  return announced
    .map(([eventId, at]) => Math.max(0, (arrivedAt.get(eventId) ?? Number.POSITIVE_INFINITY) - at))
    .sort((a, b) => a - b);
}

async function purchases(
  { replicas, buyers, amount }: Site,
  { cancelAtOther }: { cancelAtOther?: true } = {},
): Promise<Step[][]> {
  const [{ database }] = replicas as [Contestant];
  const tickets = await storeTickets(database, amount);
  return tickets.map((ticket, turn) => {
    const { cookie } = inTurn(buyers, turn);
    const body = JSON.stringify({ ticketId: ticket.toHexString() });
    const { url } = inTurn(replicas, turn).process;
    const placing: Step = { url, method: 'POST', path: '/api/orders', cookie, body };
    return cancelAtOther ? [placing, cancelling(inTurn(replicas, turn + 1), ':id', cookie)] : [placing];
  });
}

async function cancellations({ replicas, buyers, amount }: Site): Promise<Step[][]> {
  const [replica] = replicas as [Contestant];
  const orders = await storeOrders(replica, { buyers, each: Math.ceil(amount / buyers.length) });
  return orders.slice(0, amount).map(({ id, cookie }) => [cancelling(replica, id, cookie)]);
}

function cancelling({ process }: Contestant, id: string, cookie: string): Step {
  const body = '{"status":"cancelled"}';
  return { url: process.url, method: 'PATCH', path: `/api/orders/${id}`, cookie, body };
}
