import { execFile } from 'node:child_process';
import { access, chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atEnd } from '../support/at-end.ts';
import { placeOrder, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { connectPeer, openDatabase, testConfig } from '../support/running-service.ts';
import { environmentOf, runService } from '../support/service-process.ts';
import { textOf } from './repository.ts';

const run = promisify(execFile);
/** As in the image. Only root can start a process as somebody else; otherwise it is whoever runs the tests. */
const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

/** Carries out the Dockerfile's steps. Resolves with the image's folder, in which nobody may write. */
async function buildImage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orders-image-'));
  await chmod(folder, 0o755);
  atEnd(async () => {
    await run('chmod', ['-R', 'u+w', folder]);
    await rm(folder, { recursive: true });
  });
  const image = join(folder, 'image');
  const { stdout } = await run('npm', ['run', 'image:steps', '--', image], { maxBuffer: 64 * 1024 * 1024 });
  const app = /the image's folder: (.+)/.exec(stdout)?.[1];
  if (app === undefined) throw new Error(stdout);
  await run('chmod', ['-R', 'a-w', app]);
  return app;
}

test('When the built image is run as a user who can write nowhere in it, then it takes orders and ends with 0', async () => {
  const app = await buildImage();
  expect(await readdir(app)).toEqual(['audit.txt', 'dist', 'licences.txt', 'node_modules', 'package.json']);
  expect(await readFile(join(app, 'licences.txt'), 'utf8')).toMatch(/^express \S+ MIT$/m);
  expect(await readFile(join(app, 'audit.txt'), 'utf8')).toMatch(/vulnerabilities/);
  for (const tool of ['typescript', 'jest', 'tsx', '@biomejs']) {
    await expect(access(join(app, 'node_modules', tool))).rejects.toThrow('ENOENT');
  }

  const config = testConfig({ logLevel: 'info' });
  const database = await openDatabase(config);
  const peer = await connectPeer(config);
  const [, command = ''] = /^CMD (.+)$/m.exec(textOf('Dockerfile')) ?? [];
  const [, ...args] = JSON.parse(command) as string[];
  const service = runService(
    { ...environmentOf(config), NODE_ENV: 'production', HOME: '/nonexistent' },
    { args, cwd: app, ...user },
  );
  const url = await service.url();
  const id = await placeOrder(url, await storeTicket(database));
  await eventually(() => peer.seen.some(({ data }) => data['id'] === id));

  const audit = await run(process.execPath, ['dist/commands/audit.js'], {
    cwd: app,
    env: { MONGO_URI: config.mongoUri },
    ...user,
  });
  expect(audit.stdout).toContain('0 promises broken');
  service.kill('SIGTERM');
  expect(await service.exitCode).toBe(0);
}, 240_000);
