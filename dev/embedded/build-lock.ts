import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from './error-details.ts';

const heartbeatMs = 2_000;
const staleAfterMs = 30_000;
const pollMs = 100;

/**
 * Runs `work` while no other process has the lock file, and waits for the lock as long as it takes.
 *
 * The lock only saves double work: an owner whose process is gone, or that sends no heartbeat for 30 s, loses it, and two
 * processes that take it over in the same instant may both continue. `work` must therefore be right without it.
 */
export async function withLock<Result>(
  path: string,
  work: () => Promise<Result>,
  onWait: () => void = () => undefined,
): Promise<Result> {
  let waiting = false;
  while (!(await acquire(path))) {
    if (await isStale(path)) {
      await rm(path, { force: true });
      continue;
    }
    if (!waiting) onWait();
    waiting = true;
    await delay(pollMs);
  }
  const heartbeat = setInterval(() => {
    // A lost lock is no error: see above.
    utimes(path, new Date(), new Date()).catch(() => undefined);
  }, heartbeatMs);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await release(path);
  }
}

const owner = `${process.pid}@${hostname()}`;

async function acquire(path: string): Promise<boolean> {
  try {
    await writeFile(path, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function release(path: string): Promise<void> {
  // Another process may have taken it over, because this one seemed dead.
  const current = await readFile(path, 'utf8').catch(() => '');
  if (current === owner) await rm(path, { force: true });
}

async function isStale(path: string): Promise<boolean> {
  try {
    const [current, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const [pid, host] = current.split('@');
    if (host === hostname() && !isRunning(Number(pid))) return true;
    return Date.now() - mtimeMs > staleAfterMs;
  } catch {
    // Released between the two reads.
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists, and belongs to another user.
    return errorCode(error) === 'EPERM';
  }
}
