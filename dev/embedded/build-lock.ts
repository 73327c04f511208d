import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from './error-facts.ts';

const heartbeatMs = 2_000;
const staleAfterMs = 30_000;
const pollMs = 100;

/**
 * Runs `work` while no other process holds the lock file, and waits for its turn as long as it takes.
 *
 * The lock saves double work and no more: a holder whose process is gone, or that shows no life for 30 s, loses it,
 * and two that take it over in the same instant may both go on. What they do must therefore be right without it.
 */
export async function withLock<Result>(
  path: string,
  work: () => Promise<Result>,
  onWait: () => void = () => undefined,
): Promise<Result> {
  let told = false;
  while (!(await acquire(path))) {
    if (await isStale(path)) {
      await rm(path, { force: true });
      continue;
    }
    if (!told) onWait();
    told = true;
    await delay(pollMs);
  }
  const heartbeat = setInterval(() => {
    // A lock that was taken away is no reason to end: see above.
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
  // Not somebody else's, who took it over in the belief that this process was dead.
  const held = await readFile(path, 'utf8').catch(() => '');
  if (held === owner) await rm(path, { force: true });
}

async function isStale(path: string): Promise<boolean> {
  try {
    const [holder, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const [pid, host] = holder.split('@');
    if (host === hostname() && !isProcess(Number(pid))) return true;
    return Date.now() - mtimeMs > staleAfterMs;
  } catch {
    // Released between the two looks.
    return false;
  }
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists, and belongs to somebody else.
    return errorCode(error) === 'EPERM';
  }
}
