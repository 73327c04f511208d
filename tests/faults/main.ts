import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadOptions } from '../../dev/command-options.ts';
import { runCommand } from '../../dev/embedded/run-command.ts';
import { readHistory, writeHistory } from './history/history-file.ts';
import { type Options, readOptions, usage } from './options.ts';
import { report } from './report.ts';
import { runRound } from './round.ts';
import { checkHistory, type Finding } from './rules/check-history.ts';

const buildTimeoutMs = 5 * 60 * 1_000;
const maxShown = 20;

async function main(args: string[]): Promise<number> {
  const options = readOptions(args);
  if ('check' in options) return recheck(options.check);
  for (const name of ['MONGO_URI', 'NATS_URL', 'JETSTREAM_URL']) {
    if (process.env[name])
      throw new BadOptions(`unset ${name}: the suite kills servers, so it starts its own`);
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort());
  }
  console.log('building the service…');
  await runCommand('npm', ['run', 'build'], { timeoutMs: buildTimeoutMs });

  let [rounds, found] = [0, 0];
  for (; rounds < options.rounds && !interrupted.signal.aborted; rounds++) {
    found += await runAndCheck({ ...options, seed: options.seed + rounds }, rounds + 1, interrupted.signal);
  }
  if (interrupted.signal.aborted) {
    console.log('interrupted; everything is stopped');
    return 130;
  }
  console.log(`${rounds} rounds, ${found} findings`);
  return found > 0 ? 1 : 0;
}

/** Runs and checks one round. Resolves with the number of findings. */
async function runAndCheck(
  { seed, seconds, broker, peers }: Options,
  number: number,
  signal: AbortSignal,
): Promise<number> {
  const modes = `--broker ${broker}${peers ? ` --peers ${peers}` : ''}`;
  const again = `npm run test:faults -- --seed ${seed} --seconds ${seconds} ${modes}`;
  console.log(`\nround ${number}, seed ${seed}; to repeat it: ${again}`);
  const folder = await mkdtemp(join(tmpdir(), `orders-faults-${seed}-`));
  const history = await runRound({
    ...{ seed, seconds, folder, broker, ...(peers && { peers }) },
    signal,
    log: (line) => console.log(`  ${line}`),
  });
  if (!history) {
    await rm(folder, { recursive: true });
    return 0;
  }
  const findings = checkHistory(history);
  console.log(report(history, findings));
  if (findings.length === 0) {
    await rm(folder, { recursive: true });
    return 0;
  }
  await writeHistory(join(folder, 'history.jsonl'), history);
  show(findings);
  console.log(`  the history and the logs of the services are in ${folder}\n  to repeat the round: ${again}`);
  return findings.length;
}

async function recheck(file: string): Promise<number> {
  const history = await readHistory(file);
  const findings = checkHistory(history);
  console.log(report(history, findings));
  show(findings);
  return findings.length > 0 ? 1 : 0;
}

function show(findings: Finding[]): void {
  for (const { rule, detail } of findings.slice(0, maxShown)) console.log(`  FINDING ${rule}: ${detail}`);
  if (findings.length > maxShown) console.log(`  … and ${findings.length - maxShown} more`);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const isUsage = error instanceof BadOptions;
    console.error(isUsage ? `${error.message}\n${usage}` : error);
    process.exit(isUsage ? 2 : 1);
  },
);
