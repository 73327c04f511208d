import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startGuard } from '../../dev/embedded/process-guard.ts';
import { waitUntilReady } from '../../dev/wait-until-ready.ts';
import { compiled } from './compiled.ts';
import type { Usage } from './report-usage.ts';

/** A server under measurement, in a process of its own that never outlives this one. */
export interface MeasuredProcess {
  url: string;
  /** Where its probes are. */
  probesUrl: string;
  /** What it has used so far, and the database commands since the last call. */
  usage(): Promise<Usage>;
  /** Sends SIGTERM, and resolves when the process has ended. */
  stop(): Promise<void>;
}

export interface MeasuredProgram {
  /** The compiled file, relative to the project's folder. */
  file: string;
  url: string;
  probesUrl: string;
  variables: Record<string, string>;
  /** The folder into which it writes a CPU profile at its end. */
  profile?: string | undefined;
}

const readyTimeoutMs = 60_000;

/** @throws when it does not answer `/readyz` within a minute */
export async function startMeasured(program: MeasuredProgram): Promise<MeasuredProcess> {
  const { file, url, probesUrl, variables, profile } = program;
  const guard = startGuard(await mkdtemp(join(tmpdir(), 'orders-bench-')));
  const profiling = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile];
  const reporting = ['--import', pathToFileURL(compiled('environment/report-usage.js')).href];
  const child = spawn(process.execPath, [...profiling, ...reporting, resolve(file)], {
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
    await waitUntilReady({
      url: probesUrl,
      child,
      timeoutMs: readyTimeoutMs,
      everyMs: 50,
      isReady: (body) => !body.includes('"broker":"down"'),
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    probesUrl,
    stop,
    async usage() {
      const reply = once(child, 'message');
      child.send('usage');
      const [usage] = (await reply) as [Usage];
      return usage;
    },
  };
}
