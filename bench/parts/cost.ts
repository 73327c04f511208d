import { type Book, openBook } from '../figures/book.ts';
import type { Measured } from '../figures/figures.ts';
import type { Options } from '../options.ts';
import { type Cast, cancel, hotTicket, list, place, type Scenario, show } from '../scenarios.ts';
import { settled } from '../settled.ts';
import type { Stage } from '../stage.ts';
import { makeBuyers } from '../stored/buyers.ts';
import { storeOrders } from '../stored/orders.ts';

const underLoad = 128;

const scenarios: Scenario[] = [place, show, list, cancel, hotTicket];

/** What a request costs the database in commands, and the service in memory. */
export async function measureCost(stage: Stage, options: Options): Promise<Measured> {
  const book = openBook();
  const watched = await castOf(stage, { as: 'counted', watch: true, options });
  for (const scenario of scenarios) {
    await countCommands(stage, watched, { scenario, inFlight: 1, amount: options.alone, book });
    await countCommands(stage, watched, { scenario, inFlight: underLoad, amount: options.requests, book });
  }
  await watched.contestant.stop();

  // The driver works differently while it is watched, so memory is another process's.
  const loaded = await castOf(stage, { as: 'loaded', watch: false, options });
  await lookAtMemory(stage, loaded, { options, book });
  await loaded.contestant.stop();
  return { figures: book.figures(), ratios: [] };
}

async function castOf(
  stage: Stage,
  { as, watch, options }: { as: string; watch: boolean; options: Options },
): Promise<Cast> {
  const contestant = await stage.ours(as, { countCommands: watch });
  const [buyers, viewers] = [makeBuyers(500, stage.jwtKey), makeBuyers(options.viewers, stage.jwtKey)];
  return {
    contestant,
    buyers,
    viewers,
    orders: await storeOrders(contestant, { buyers: viewers, each: 30 }),
  };
}

interface Run {
  scenario: Scenario;
  inFlight: number;
  amount: number;
}

async function run(stage: Stage, cast: Cast, { scenario, inFlight, amount }: Run): Promise<void> {
  const { contestant } = cast;
  const requests = await scenario.prepare(cast, amount);
  // What has been sent until now is not these requests'.
  await contestant.process.usage();
  const { statuses } = await stage.generator.ask('load', { url: contestant.process.url, inFlight, requests });
  const complaint = scenario.complaint(contestant.name, statuses, amount);
  if (complaint) throw new Error(`${scenario.name}: ${complaint}`);
  await settled(contestant);
}

async function countCommands(stage: Stage, cast: Cast, wanted: Run & { book: Book }): Promise<void> {
  await run(stage, cast, wanted);
  const { commands } = await cast.contestant.process.usage();
  const labels = { what: `${wanted.scenario.name}, ${wanted.inFlight} in flight`, who: 'ours' };
  const named = (name: string) => commands.filter((command) => command.name === name);
  wanted.book.add(
    { ...labels, unit: 'database commands each, all loops included' },
    commands.length / wanted.amount,
  );
  const cleanUps = named('update');
  if (wanted.scenario !== place || cleanUps.length === 0) return;
  wanted.book.add(
    { ...labels, unit: 'orders for each clean-up of outboxes' },
    wanted.amount / cleanUps.length,
  );
}

async function lookAtMemory(
  stage: Stage,
  cast: Cast,
  { options, book }: { options: Options; book: Book },
): Promise<void> {
  const note = async (what: string) => {
    const { residentMb } = await cast.contestant.process.usage();
    book.add({ what: `memory ${what}`, who: 'ours', unit: 'MB' }, residentMb);
  };
  await note('at the start');
  const orders = options.memoryOrders;
  const amount = Math.min(orders, 1_000);
  for (let placed = 0; placed < orders; placed += amount) {
    await run(stage, cast, { scenario: place, inFlight: underLoad, amount });
  }
  await note(`after ${orders.toLocaleString('en-US')} orders`);
  const end = performance.now() + options.loadSeconds * 1_000;
  while (performance.now() < end) {
    for (const scenario of scenarios) {
      await run(stage, cast, { scenario, inFlight: underLoad, amount });
    }
  }
  await note(`after ${options.loadSeconds} s more of all requests`);
}
