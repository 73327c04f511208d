import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type MeasuredBuild, withEarlierBuild } from '../environment/earlier-build.ts';
import type { Environment } from '../environment/environment.ts';
import type { MeasuredProcess } from '../environment/measured-process.ts';
import type { MeasuredService } from '../environment/start-services.ts';
import { type Buyer, makeBuyers, roundRobin } from '../fixtures/buyers.ts';
import { storeTickets } from '../fixtures/tickets.ts';
import type { CrowdJob, CrowdResult } from '../jobs/crowd.ts';
import { type Measured, type Ratio, ratio } from '../report/figures.ts';
import { createRecorder, type Recorder } from '../report/recorder.ts';
import type { Options } from './options.ts';
import { roundsOf } from './rounds.ts';

/** More than are sold during a measurement. */
const otherTickets = 10_000;
const manners = { wait: 'keep to Retry-After', 'ask again': 'ask again at once' } as const;
const admitted = 'admitted, a second';

type CrowdInput = Pick<CrowdJob, 'connections' | 'whenRefused' | 'seconds'>;

interface Crowd {
  who: string;
  input: CrowdInput;
  recorder: Recorder;
}

/** A sale that opens: more buyers than can be served, nine of ten for one ticket. Each crowd has a new service. */
export async function measureOverload(environment: Environment, options: Options): Promise<Measured> {
  const total = createRecorder();
  const nodeOptions = await deployedNodeOptions();
  return withEarlierBuild(options, async (earlier) => {
    for (const { recorder } of roundsOf(options, total)) {
      for (const build of [{ who: 'candidate' }, ...earlier])
        await measureBuild(environment, { options, build, recorder, nodeOptions });
    }
    return { figures: total.figures(), ratios: ratiosToSmallest(options, total) };
  });
}

/** The `NODE_OPTIONS` of the deployment: the bounds of the heap decide about memory and speed. */
async function deployedNodeOptions(): Promise<string> {
  const manifest = await readFile('infra/k8s/base/orders.yaml', 'utf8');
  const [, value] = /name: NODE_OPTIONS\n +value: (.+)/.exec(manifest) ?? [];
  if (value === undefined) throw new Error('the manifest of the deployment has no NODE_OPTIONS');
  return value;
}

interface BuildRun {
  options: Options;
  build: MeasuredBuild;
  recorder: Recorder;
  nodeOptions: string;
}

async function measureBuild(
  environment: Environment,
  { options, build, recorder, nodeOptions }: BuildRun,
): Promise<void> {
  const { who, ...entry } = build;
  for (const connections of options.crowds) {
    for (const whenRefused of ['wait', 'ask again'] as const) {
      const name = `overload-${randomUUID().slice(0, 8)}`;
      const service = await environment.startCandidate(name, {
        ...entry,
        settings: { NODE_OPTIONS: nodeOptions },
      });
      const input = { connections, whenRefused, seconds: options.crowdSeconds };
      await measureCrowd(environment, service, { who, input, recorder });
      await service.stop();
    }
  }
}

async function measureCrowd(
  { jwtKey, jobWorker, loadGenerator }: Environment,
  { process: measured, database }: MeasuredService,
  { who, input, recorder }: Crowd,
): Promise<void> {
  const buyers = makeBuyers(input.connections, jwtKey);
  const [hot = '', ...others] = (await storeTickets(database, otherTickets)).map(String);
  const requests = purchases(buyers, { hot, others });
  const over = new AbortController();
  const maxMemory = watchMemory(measured, over.signal);
  const probing = jobWorker.run('probeReadiness', { url: measured.probesUrl, seconds: input.seconds });
  const result = await loadGenerator.run('crowd', { url: measured.url, requests, ...input });
  over.abort();
  const probes = await probing;
  const problem = findProblem(result, probes.failures);
  // The build before is measured for what it does wrong.
  if (problem && who === 'candidate') throw new Error(`overload, ${JSON.stringify(input)}: ${problem}`);

  const ended = Object.values(result.ended).reduce((total, count) => total + count, 0);
  const labels = { what: caseName(input), who };
  recorder.record({ ...labels, unit: admitted }, result.admittedPerSecond);
  recorder.record({ ...labels, unit: 'refused for overload, a second' }, result.overloadedPerSecond);
  recorder.record({ ...labels, unit: 'p50 ms' }, result.p50);
  recorder.record({ ...labels, unit: 'p99 ms' }, result.p99);
  recorder.record({ ...labels, unit: 'connections that ended' }, ended);
  recorder.record({ ...labels, unit: 'longest probe, ms' }, probes.longestMs);
  recorder.record({ ...labels, unit: 'max memory, MB' }, await maxMemory);
}

/** Nine of ten requests are for the hot ticket, every tenth for another one. */
function purchases(buyers: readonly Buyer[], { hot, others }: { hot: string; others: readonly string[] }) {
  return Array.from({ length: others.length * 10 }, (_, index) => {
    const ticketId = index % 10 === 0 ? roundRobin(others, index / 10) : hot;
    const { cookie } = roundRobin(buyers, index);
    return { path: '/api/orders', cookie, body: JSON.stringify({ ticketId }) };
  });
}

/** The maximum that a process has in memory until the signal, in MB. */
async function watchMemory(measured: MeasuredProcess, over: AbortSignal): Promise<number> {
  let maxMb = 0;
  while (!over.aborted) {
    maxMb = Math.max(maxMb, (await measured.usage()).residentMb);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return maxMb;
}

function findProblem({ statuses, ended }: CrowdResult, failedProbes: number): string | undefined {
  const unexpected = Object.keys(statuses).filter((status) => !['201', '409', '503'].includes(status));
  if (unexpected.length > 0) return `responses with ${unexpected.join()}`;
  if (Object.keys(ended).length > 0) return `connections have ended: ${JSON.stringify(ended)}`;
  if (failedProbes > 0) return `${failedProbes} probes did not get a 200`;
  return undefined;
}

function caseName({ connections, whenRefused }: Omit<CrowdInput, 'seconds'>): string {
  return `${connections} connections that ${manners[whenRefused]}`;
}

/** The admitted requests of each crowd, divided by those of the smallest crowd. */
function ratiosToSmallest({ crowds: [smallest, ...larger] }: Options, recorder: Recorder): Ratio[] {
  if (smallest === undefined) return [];
  const column = (connections: number, whenRefused: CrowdJob['whenRefused']) => ({
    ...{ what: caseName({ connections, whenRefused }), who: 'candidate', unit: admitted },
  });
  return larger.flatMap((connections) =>
    (['wait', 'ask again'] as const).map((whenRefused) =>
      ratio(recorder.figures(), column(connections, whenRefused), column(smallest, whenRefused)),
    ),
  );
}
