import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BadOptions } from '../dev/command-options.ts';
import { runCommand } from '../dev/embedded/run-command.ts';
import { drawCharts } from './figures/charts.ts';
import type { Measured, Report } from './figures/figures.ts';
import { describeMachine } from './figures/machine.ts';
import { table } from './figures/table.ts';
import { type Options, type PartName, readOptions, usage } from './options.ts';
import { measureCost } from './parts/cost.ts';
import { measureEvents } from './parts/events.ts';
import { measureGaps } from './parts/gaps.ts';
import { measureGrowth } from './parts/growth.ts';
import { measureOverload } from './parts/overload.ts';
import { measurePairs } from './parts/pairs.ts';
import { measureRelay } from './parts/relay.ts';
import { measureReplication } from './parts/replication.ts';
import { measureRequests } from './parts/requests.ts';
import { type Stage, setStage } from './stage.ts';

const parts: Record<PartName, (stage: Stage, options: Options) => Promise<Measured>> = {
  requests: measureRequests,
  replication: measureReplication,
  relay: measureRelay,
  events: measureEvents,
  growth: measureGrowth,
  cost: measureCost,
  gaps: measureGaps,
  overload: measureOverload,
  pairs: measurePairs,
};

const buildTimeoutMs = 5 * 60 * 1_000;

async function main(args: string[]): Promise<void> {
  const options = readOptions(args);
  const started = performance.now();
  const machine = describeMachine();
  console.log('building what is measured…');
  await runCommand('npm', ['run', 'build'], { timeoutMs: buildTimeoutMs });
  await runCommand('npx', ['tsc', '-p', 'bench/tsconfig.build.json'], { timeoutMs: buildTimeoutMs });

  const profile = options.profile === undefined ? undefined : resolve(options.profile);
  const stage = await setStage({ log: console.log, profile });
  const measured: Measured[] = [];
  try {
    console.log(`measuring with ${stage.servers}`);
    for (const part of options.parts) {
      console.log(`${part}…`);
      measured.push(await parts[part](stage, options));
    }
  } finally {
    await stage.stop();
  }
  const report: Report = {
    at: new Date().toISOString(),
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    servers: stage.servers,
    machine,
    figures: measured.flatMap(({ figures }) => figures),
    ratios: measured.flatMap(({ ratios }) => ratios),
  };
  console.log(`\n${table(report)}\n\nmeasured in ${Math.round((performance.now() - started) / 1_000)} s`);
  if (options.charts !== undefined) await drawCharts(report, options.charts);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    const isUsage = error instanceof BadOptions;
    console.error(isUsage ? `${error.message}\n${usage}` : error);
    process.exit(isUsage ? 2 : 1);
  },
);
