import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoUrl } from './demo-url.ts';
import { postGuard } from './embedded/guard.ts';
import { printReadably } from './readable-log.ts';

export interface ServiceProcess {
  url: string;
  /** Resolves when the process has ended by itself. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

const startWithinMs = 30_000;

/**
 * Runs the service from its source, again after each change, and waits until it is ready. Its log is made readable.
 *
 * @throws when it ends, or is not ready in time; what it has printed is on the terminal then
 */
export async function startServiceProcess(variables: Record<string, string>): Promise<ServiceProcess> {
  const guard = postGuard(await mkdtemp(join(tmpdir(), 'orders-dev-')));
  // A group of its own: Ctrl-C reaches only this program, which then stops everything in its order.
  const child = spawn(
    process.execPath,
    ['node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'src/index.ts'],
    {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    },
  );
  printReadably(child.stdout);
  guard.watch(child.pid);
  const ended = once(child, 'exit').then(() => undefined);
  const url = demoUrl(Number(variables['PORT']), variables['LISTEN_ADDRESS']);
  const killGroup = () => kill(child, 'SIGKILL');
  process.once('exit', killGroup);

  const stop = async () => {
    kill(child, 'SIGTERM');
    await ended;
    process.removeListener('exit', killGroup);
    await guard.dismiss();
  };
  try {
    await ready(url, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, ended, stop };
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startWithinMs;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the service did not become ready');
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the whole group has ended already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
