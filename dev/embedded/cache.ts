import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './build-lock.ts';
import type { Log } from './first-available.ts';

const failureLastsMs = 24 * 60 * 60 * 1000;

/** Where downloaded and built servers are kept: `ORDERS_DEV_CACHE`, else in the user's cache folder. */
export function cacheFolder(): string {
  const given = process.env['ORDERS_DEV_CACHE'];
  if (given) return given;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'orders-service');
}

/** Something that takes long to build and is built once. */
export interface CachedBuild {
  /** The folder's name in the cache; contains the version. */
  name: string;
  /** A file in the finished folder. Without it the build counts as broken and is done again. */
  requiredFile: string;
  /** Builds into the given folder, which is renamed afterwards: nothing in it may contain its own path. */
  build(draft: string): Promise<void>;
}

/**
 * Resolves with the folder of the finished build, and builds first where there is none. Processes that call this at the
 * same time get one build, and never an incomplete one.
 */
export async function buildOnce({ name, requiredFile, build }: CachedBuild, log: Log): Promise<string> {
  const target = join(cacheFolder(), name);
  if (await exists(join(target, requiredFile))) return target;
  await mkdir(cacheFolder(), { recursive: true });

  const buildUnlessPresent = async () => {
    if (await exists(join(target, requiredFile))) return;
    await rm(target, { recursive: true, force: true });
    await removeAbandonedDrafts(name);
    const draft = await mkdtemp(`${target}.draft-`);
    try {
      await build(draft);
      await access(join(draft, requiredFile));
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      // Another process took the lock over and was faster: its build is as good.
      if (!(await exists(join(target, requiredFile)))) throw error;
    }
  };
  await withLock(`${target}.lock`, buildUnlessPresent, () =>
    log(`another process is preparing ${name}, waiting for it…`),
  );
  return target;
}

/** Remembers that something is not available here, so that the next starts lose no time on it. */
export async function rememberFailure(name: string, reason: string): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  await writeFile(failureFile(name), reason);
}

/** Why something was not available at the last try, unless that was more than a day ago. */
export async function recallFailure(name: string): Promise<string | undefined> {
  const file = failureFile(name);
  try {
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > failureLastsMs) return undefined;
    const reason = await readFile(file, 'utf8');
    return `${reason} (remembered for a day; remove ${file} to try again)`;
  } catch {
    // There is no such file: it was not tried, or it worked.
    return undefined;
  }
}

function failureFile(name: string): string {
  return join(cacheFolder(), `${name}.failed`);
}

/** Called with the lock, so the processes that began them are gone. */
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
