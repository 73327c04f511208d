import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './build-lock.ts';
import type { Log } from './first-available.ts';

const failureLastsMs = 24 * 60 * 60 * 1000;

/** Where downloaded and built servers are kept: `ORDERS_DEV_CACHE`, else in the user's cache folder. */
export function cacheFolder(): string {
  const own = process.env['ORDERS_DEV_CACHE'];
  if (own) return own;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'orders-service');
}

/** Something that takes long to make and is made once. */
export interface Build {
  /** The folder's name in the cache; contains the version. */
  name: string;
  /** A file in the finished folder, without which it is taken for broken and built again. */
  proof: string;
  /** Makes it in the folder that it is given, which is renamed afterwards: nothing in it may name its own path. */
  make(draft: string): Promise<void>;
}

/**
 * Resolves with the folder of a finished build, and makes it first where there is none. Processes that ask at once
 * get one build, and none ever sees half of one.
 */
export async function buildOnce({ name, proof, make }: Build, log: Log): Promise<string> {
  const target = join(cacheFolder(), name);
  if (await exists(join(target, proof))) return target;
  await mkdir(cacheFolder(), { recursive: true });

  const build = async () => {
    if (await exists(join(target, proof))) return;
    await rm(target, { recursive: true, force: true });
    await removeAbandonedDrafts(name);
    const draft = await mkdtemp(`${target}.draft-`);
    try {
      await make(draft);
      await access(join(draft, proof));
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      // Another process, which took the lock over, was faster: its build is as good.
      if (!(await exists(join(target, proof)))) throw error;
    }
  };
  await withLock(`${target}.lock`, build, () => log(`another process is preparing ${name}, waiting for it…`));
  return target;
}

/** Notes that something cannot be had here, so that the next starts lose no time on it. */
export async function rememberFailure(name: string, reason: string): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  await writeFile(failureFile(name), reason);
}

/** Why something could not be had at the last try, unless that was more than a day ago. */
export async function recallFailure(name: string): Promise<string | undefined> {
  const file = failureFile(name);
  try {
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > failureLastsMs) return undefined;
    const reason = await readFile(file, 'utf8');
    return `${reason} (remembered for a day; remove ${file} to try again)`;
  } catch {
    // No such file: it was not tried, or it worked.
    return undefined;
  }
}

function failureFile(name: string): string {
  return join(cacheFolder(), `${name}.failed`);
}

/** Called with the lock in hand, so their makers are gone. */
async function removeAbandonedDrafts(name: string): Promise<void> {
  const entries = await readdir(cacheFolder());
  const drafts = entries.filter((entry) => entry.startsWith(`${name}.draft-`));
  await Promise.all(drafts.map((draft) => rm(join(cacheFolder(), draft), { recursive: true, force: true })));
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
