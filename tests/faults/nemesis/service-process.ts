import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGuard } from '../../../dev/embedded/process-guard.ts';
import type { Exit } from '../history/history.ts';

export interface ServiceProcess {
  /** Starts the process, on its port; whether and when it is ready is its own business. */
  restart(): void;
  kill(): Promise<void>;
  freeze(): void;
  resume(): void;
  /** Asks it to end, and waits. */
  end(): Promise<void>;
  /** Leaves nothing running. */
  stop(): Promise<void>;
}

export interface ServiceProgram {
  name: string;
  /** The built service's index.js. */
  entry: string;
  variables: Record<string, string>;
  /** Gets what it prints. */
  logFile: string;
  /** Told of an end that nobody had asked for, or that was not a good one. */
  onExit: (exit: Exit) => void;
}

interface Run {
  child: ChildProcess;
  ended: Promise<unknown>;
  /** Whether its end was asked for. */
  expected: boolean;
}

const endWithinMs = 20_000;

/** The built service in a process of its own, which never outlives this one. */
export async function createServiceProcess(program: ServiceProgram): Promise<ServiceProcess> {
  const { name, entry, variables, logFile, onExit } = program;
  const guard = startGuard(await mkdtemp(join(tmpdir(), 'orders-faults-')));
  let running: Run | undefined;
  let stopped = false;

  function restart(): void {
    // A fault may be made good while everything is being stopped.
    if (stopped) return;
    const log = openSync(logFile, 'a');
    // A group of its own: a Ctrl-C in the terminal is for the suite, which stops everything in its order.
    const child = spawn(process.execPath, ['--enable-source-maps', entry], {
      env: { PATH: process.env['PATH'], ...variables },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    guard.watch(child.pid);
    const run: Run = { child, ended: once(child, 'exit'), expected: false };
    child.once('exit', (code, signal) => {
      guard.watch(undefined);
      if (!run.expected) onExit({ service: name, at: Date.now(), how: signal ?? `exit code ${code}` });
    });
    running = run;
  }

  async function kill(): Promise<void> {
    if (!running) return;
    running.expected = true;
    running.child.kill('SIGKILL');
    await running.ended;
    running = undefined;
  }

  async function end(): Promise<void> {
    if (!running || running.child.exitCode !== null) return;
    const { child, ended } = running;
    running.expected = true;
    const late = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
    child.kill('SIGTERM');
    await ended.finally(() => clearTimeout(late));
    running = undefined;
    const how = child.signalCode ?? `exit code ${child.exitCode}`;
    if (how !== 'exit code 0') onExit({ service: name, at: Date.now(), how: `${how}, when asked to end` });
  }

  return {
    restart,
    kill,
    end,
    freeze: () => running?.child.kill('SIGSTOP'),
    resume: () => running?.child.kill('SIGCONT'),
    async stop() {
      stopped = true;
      await kill();
      await guard.dismiss();
    },
  };
}
