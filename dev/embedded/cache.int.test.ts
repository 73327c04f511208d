import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOnce, type CachedBuild, recallFailure, rememberFailure } from './cache.ts';

const before = process.env['ORDERS_DEV_CACHE'];
let folder: string;
let built: number;
const log = jest.fn();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orders-cache-test-'));
  process.env['ORDERS_DEV_CACHE'] = folder;
  built = 0;
  log.mockClear();
});

afterEach(async () => {
  if (before === undefined) delete process.env['ORDERS_DEV_CACHE'];
  else process.env['ORDERS_DEV_CACHE'] = before;
  await rm(folder, { recursive: true });
});

const tool: CachedBuild = {
  name: 'tool-1.0',
  requiredFile: 'tool',
  async build(draft) {
    built += 1;
    await writeFile(join(draft, 'tool'), 'complete');
  },
};

describe('When something is built into the cache', () => {
  test('by several at once, then it is built once and all get it', async () => {
    const folders = await Promise.all([1, 2, 3, 4].map(() => buildOnce(tool, log)));
    expect(new Set(folders)).toEqual(new Set([join(folder, 'tool-1.0')]));
    expect(built).toBe(1);
    expect(await readdir(folder)).toEqual(['tool-1.0']);
    expect(log).toHaveBeenCalledWith(expect.stringContaining('another process is preparing tool-1.0'));
  });

  test('and the build fails, then nothing is left of it and the next one is tried', async () => {
    const failing = {
      ...tool,
      async build(draft: string) {
        await writeFile(join(draft, 'half'), '');
        throw new Error('no compiler');
      },
    };
    await expect(buildOnce(failing, log)).rejects.toThrow('no compiler');
    expect(await readdir(folder)).toEqual([]);
    await buildOnce(tool, log);
    expect(built).toBe(1);
  });

  test('and the build lacks its required file, then it is rejected', async () => {
    await expect(buildOnce({ ...tool, build: async () => undefined }, log)).rejects.toThrow('ENOENT');
    expect(existsSync(join(folder, 'tool-1.0'))).toBe(false);
  });

  test('and what is there lacks its required file, then it is built again', async () => {
    await mkdir(join(folder, 'tool-1.0'));
    await writeFile(join(folder, 'tool-1.0', 'other'), '');
    await buildOnce(tool, log);
    expect(await readdir(join(folder, 'tool-1.0'))).toEqual(['tool']);
  });

  test('after a builder died while it had the lock, then the lock is taken over and its draft removed', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(join(folder, 'tool-1.0.lock'), `${dead}@${hostname()}`);
    await mkdir(join(folder, 'tool-1.0.draft-half'));
    await buildOnce(tool, log);
    expect(await readdir(folder)).toEqual(['tool-1.0']);
  });

  test('and the owner of the lock, on another machine, sends no heartbeat for a minute, then the lock is taken over', async () => {
    const lock = join(folder, 'tool-1.0.lock');
    await writeFile(lock, '1@elsewhere');
    const aMinuteAgo = new Date(Date.now() - 60_000);
    await utimes(lock, aMinuteAgo, aMinuteAgo);
    await buildOnce(tool, log);
    expect(built).toBe(1);
  });

  test('and another builder that took the lock over is faster, then its build is used', async () => {
    const overtaken: CachedBuild = {
      ...tool,
      async build(draft) {
        await tool.build(draft);
        await mkdir(join(folder, 'tool-1.0'));
        await writeFile(join(folder, 'tool-1.0', 'tool'), 'the other one');
      },
    };
    const target = await buildOnce(overtaken, log);
    expect(await readFile(join(target, 'tool'), 'utf8')).toBe('the other one');
  });
});

describe('When a failure is remembered', () => {
  test('then it is recalled with its reason and the way to forget it', async () => {
    await rememberFailure('download', 'refused');
    expect(await recallFailure('download')).toMatch(/^refused \(.*download\.failed to try again\)$/);
    expect(await recallFailure('something else')).toBeUndefined();
  });

  test('then it is forgotten after a day', async () => {
    await rememberFailure('download', 'refused');
    const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(join(folder, 'download.failed'), longAgo, longAgo);
    expect(await recallFailure('download')).toBeUndefined();
  });
});
