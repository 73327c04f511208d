import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BadOptions } from '../dev/command-options.ts';
import { runCommand } from '../dev/embedded/run-command.ts';
import { type Environment, startEnvironment } from './environment/environment.ts';
import { measureCost } from './measurements/cost.ts';
import { measureEvents } from './measurements/events.ts';
import { measureGaps } from './measurements/gaps.ts';
import { measureGrowth } from './measurements/growth.ts';
import { type MeasurementName, type Options, readOptions, usage } from './measurements/options.ts';
import { measureOverload } from './measurements/overload.ts';
import { measurePairs } from './measurements/pairs.ts';
import { measureRelay } from './measurements/relay.ts';
import { measureReplication } from './measurements/replication.ts';
import { measureRequests } from './measurements/requests.ts';
import { measureSpacing } from './measurements/spacing.ts';
import { drawCharts } from './report/charts.ts';
import type { Measured, Report } from './report/figures.ts';
import { describeMachine } from './report/machine.ts';
import { table } from './report/table.ts';

const measurements: Record<
  MeasurementName,
  (environment: Environment, options: Options) => Promise<Measured>
> = {
  requests: measureRequests,
  replication: measureReplication,
  relay: measureRelay,
  events: measureEvents,
  spacing: measureSpacing,
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
  const environment = await startEnvironment({ log: console.log, profile });
  const measured: Measured[] = [];
  try {
    console.log(`measuring with ${environment.servers}`);
    for (const name of options.measurements) {
      console.log(`${name}…`);
      measured.push(await measurements[name](environment, options));
    }
  } finally {
    await environment.stop();
  }
  const report: Report = {
    at: new Date().toISOString(),
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    servers: environment.servers,
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
