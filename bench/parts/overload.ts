import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type MeasuredBuild, withBuildBefore } from '../build-before.ts';
import { type Book, openBook } from '../figures/book.ts';
import { type Measured, type Ratio, ratio } from '../figures/figures.ts';
import { roundsOf } from '../figures/rounds.ts';
import type { MeasuredProcess } from '../measured-process.ts';
import type { Options } from '../options.ts';
import type { CrowdJob, CrowdResult } from '../run/crowd.ts';
import type { Contestant, Stage } from '../stage.ts';
import { type Buyer, inTurn, makeBuyers } from '../stored/buyers.ts';
import { storeTickets } from '../stored/tickets.ts';

/** More than are sold meanwhile. */
const otherTickets = 10_000;
const manners = { wait: 'keep to Retry-After', 'ask again': 'ask again at once' } as const;
const letIn = 'let in, a second';

/** A sale that opens: more buyers than can be served, nine of ten for one ticket. Each crowd finds a service of its own. */
export async function measureOverload(stage: Stage, options: Options): Promise<Measured> {
  const kept = openBook();
  const nodeOptions = await deployedNodeOptions();
  return withBuildBefore(options, async (before) => {
    for (const { book } of roundsOf(options, kept))
      for (const build of [{ who: 'ours' }, ...before])
        await measureBuild(stage, { options, build, book, nodeOptions });
    return { figures: kept.figures(), ratios: ratiosOf(options, kept) };
  });
}

/** What the deployment has: the bounds of the heap decide about memory and speed. */
async function deployedNodeOptions(): Promise<string> {
  const manifest = await readFile('infra/k8s/base/orders.yaml', 'utf8');
  const [, value] = /name: NODE_OPTIONS\n +value: (.+)/.exec(manifest) ?? [];
  if (value === undefined) throw new Error('the manifest of the deployment has no NODE_OPTIONS');
  return value;
}

interface BuildRun {
  options: Options;
  build: MeasuredBuild;
  book: Book;
  nodeOptions: string;
}

async function measureBuild(stage: Stage, { options, build, book, nodeOptions }: BuildRun): Promise<void> {
  const { who, ...entry } = build;
  for (const connections of options.crowds) {
    for (const whenRefused of ['wait', 'ask again'] as const) {
      const contestant = await stage.ours(`overload-${randomUUID().slice(0, 8)}`, { ...entry, nodeOptions });
      const wish = { connections, whenRefused, seconds: options.crowdSeconds };
      await measureCrowd(stage, contestant, { who, wish, book });
      await contestant.stop();
    }
  }
}

interface Crowd {
  who: string;
  wish: Pick<CrowdJob, 'connections' | 'whenRefused' | 'seconds'>;
  book: Book;
}

async function measureCrowd(
  stage: Stage,
  { process: service, database }: Contestant,
  { who, wish, book }: Crowd,
): Promise<void> {
  const buyers = makeBuyers(wish.connections, stage.jwtKey);
  const [hot, ...others] = (await storeTickets(database, otherTickets)).map(String);
  const requests = purchases(buyers, { hot: hot ?? '', others });
  let over = false;
  const memory = watchMemory(service, () => over);
  const probing = stage.helper.ask('probe', { url: service.probesUrl, seconds: wish.seconds });
  const result = await stage.generator.ask('crowd', { url: service.url, requests, ...wish });
  over = true;
  const probed = await probing;
  const complaint = complaintOf(result, probed.failures);
  // The build before is measured for what it does wrong.
  if (complaint && who === 'ours') throw new Error(`overload, ${JSON.stringify(wish)}: ${complaint}`);

  const labels = { what: caseName(wish), who };
  book.add({ ...labels, unit: letIn }, result.letInPerSecond);
  book.add({ ...labels, unit: 'refused for overload, a second' }, result.overloadedPerSecond);
  book.add({ ...labels, unit: 'p50 ms' }, result.p50);
  book.add({ ...labels, unit: 'p99 ms' }, result.p99);
  book.add({ ...labels, unit: 'connections that ended' }, sum(Object.values(result.ended)));
  book.add({ ...labels, unit: 'longest probe, ms' }, probed.longestMs);
  book.add({ ...labels, unit: 'most memory, MB' }, await memory);
}

/** Nine of ten want the hot ticket; the tenth another one each time. */
function purchases(buyers: readonly Buyer[], { hot, others }: { hot: string; others: readonly string[] }) {
  return Array.from({ length: others.length * 10 }, (_, turn) => {
    const ticketId = turn % 10 === 0 ? inTurn(others, turn / 10) : hot;
    return { path: '/api/orders', cookie: inTurn(buyers, turn).cookie, body: JSON.stringify({ ticketId }) };
  });
}

/** The most that a process has in memory until it is over, in MB. */
async function watchMemory(service: MeasuredProcess, isOver: () => boolean): Promise<number> {
  let most = 0;
  while (!isOver()) {
    most = Math.max(most, (await service.usage()).residentMb);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return most;
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** What is wrong with the answers. */
function complaintOf({ statuses, ended }: CrowdResult, failedProbes: number): string | undefined {
  const unexpected = Object.keys(statuses).filter((status) => !['201', '409', '503'].includes(status));
  if (unexpected.length > 0) return `answers with ${unexpected.join()}`;
  if (Object.keys(ended).length > 0) return `connections have ended: ${JSON.stringify(ended)}`;
  if (failedProbes > 0) return `${failedProbes} probes were not answered with 200`;
  return undefined;
}

function caseName({ connections, whenRefused }: Pick<CrowdJob, 'connections' | 'whenRefused'>): string {
  return `${connections} connections that ${manners[whenRefused]}`;
}

/** What is let in of each crowd, by what is let in of the smallest. */
function ratiosOf({ crowds }: Options, book: Book): Ratio[] {
  const [smallest, ...larger] = crowds;
  if (smallest === undefined) return [];
  const column = (connections: number, whenRefused: CrowdJob['whenRefused']) => ({
    ...{ what: caseName({ connections, whenRefused }), who: 'ours', unit: letIn },
  });
  return larger.flatMap((connections) =>
    (['wait', 'ask again'] as const).map((whenRefused) =>
      ratio(book.figures(), column(connections, whenRefused), column(smallest, whenRefused)),
    ),
  );
}
