import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { postGuard } from '../dev/embedded/guard.ts';
import type { Usage } from './run/observe.ts';

/** A server under measurement, in a process of its own that never outlives this one. */
export interface MeasuredProcess {
  url: string;
  /** Where its probes are. */
  probesUrl: string;
  /** What it has used so far, and the database commands since the last call. */
  usage(): Promise<Usage>;
  /** Asks it to end, and waits. */
  stop(): Promise<void>;
}

export interface MeasuredProgram {
  /** The compiled file, from the project's folder. */
  file: string;
  url: string;
  probesUrl: string;
  variables: Record<string, string>;
  /** Where it leaves a CPU profile at its end. */
  profile?: string | undefined;
}

/** What is measured is compiled beforehand: a compiler in the process would be measured, too. */
export const compiled = (file: string) => resolve('dist/measured/bench', file);

const readyWithinMs = 60_000;

/** @throws when it does not answer `/readyz` within a minute */
export async function startMeasured(program: MeasuredProgram): Promise<MeasuredProcess> {
  const { file, url, probesUrl, variables, profile } = program;
  const guard = postGuard(await mkdtemp(join(tmpdir(), 'orders-bench-')));
  const profiling = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile];
  const observed = ['--import', pathToFileURL(compiled('run/observe.js')).href];
  const child = spawn(process.execPath, [...profiling, ...observed, resolve(file)], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...variables },
    // The log is written, as in production, but to nowhere.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  });
  guard.watch(child.pid);
  const ended = once(child, 'exit');

  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await guard.dismiss();
  };
  try {
    await untilReady(probesUrl, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    probesUrl,
    stop,
    async usage() {
      const answer = once(child, 'message');
      child.send('usage');
      const [usage] = (await answer) as [Usage];
      return usage;
    },
  };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok && !(await answer.text()).includes('"broker":"down"')) return;
    await delay(50);
  }
  throw new Error(`a measured process did not become ready at ${url}`);
}
