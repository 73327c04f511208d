import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGuard } from './embedded/process-guard.ts';
import { signalGroup } from './embedded/signal-group.ts';
import { printReadably } from './readable-log.ts';
import { demoUrl } from './storefront/demo-url.ts';
import { waitUntilReady } from './wait-until-ready.ts';

export interface ServiceProcess {
  url: string;
  /** Resolves when the process has ended by itself. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;

/**
 * Runs the service from its source, again after each change, and waits until it is ready. Its log is printed in a readable form.
 *
 * @throws when it ends, or is not ready in time; what it has printed is on the terminal then
 */
export async function startServiceProcess(variables: Record<string, string>): Promise<ServiceProcess> {
  const guard = startGuard(await mkdtemp(join(tmpdir(), 'orders-dev-')));
  // A process group of its own: Ctrl-C reaches only this program, which then stops everything in the right order.
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
  const killGroup = () => signalGroup(child.pid, 'SIGKILL');
  process.once('exit', killGroup);

  const stop = async () => {
    signalGroup(child.pid, 'SIGTERM');
    await ended;
    process.removeListener('exit', killGroup);
    await guard.dismiss();
  };
  try {
    await waitUntilReady({ url, child, timeoutMs: startTimeoutMs, everyMs: 200 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, ended, stop };
}
