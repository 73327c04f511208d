import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '../support/at-end.ts';
import { eventually } from '../support/eventually.ts';
import { testConfig } from '../support/running-service.ts';
import { environmentOf } from '../support/service-process.ts';

/** A pipe that is full, and that nobody reads: a file descriptor to write to. */
function fullPipe(): number {
  const folder = mkdtempSync(join(tmpdir(), 'orders-pipe-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const filling = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const output = openSync(path, constants.O_WRONLY);
  atEnd(async () => {
    closeSync(output);
    closeSync(filling);
    rmSync(folder, { recursive: true });
  });
  // A page and a byte at a time, until there is no room for either.
  for (const bytes of [Buffer.alloc(4_096, '\n'), Buffer.from('\n')]) {
    try {
      for (;;) writeSync(filling, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
  return output;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A service that serves, and whose log nobody reads. */
async function unreadService(variables: Record<string, string> = {}) {
  const port = await freePort();
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/index.ts'], {
    env: {
      PATH: process.env['PATH'],
      ...environmentOf(testConfig({ port, logLevel: 'trace' })),
      ...variables,
    },
    stdio: ['ignore', fullPipe(), 'inherit'],
  });
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  atEnd(async () => {
    child.kill('SIGKILL');
    await exitCode;
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/readyz`)).ok, { withinMs: 30_000 });
  return { url, child, exitCode };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'When nobody reads the log, then the service serves, and %s ends it within its deadline',
  async (signal) => {
    const { url, child, exitCode } = await unreadService({ SHUTDOWN_GRACE_SECONDS: '20' });
    for (let count = 0; count < 50; count++) expect((await fetch(`${url}/api/orders`)).status).toBe(401);
    child.kill(signal);
    expect(await exitCode).toBe(0);
  },
  60_000,
);

test('When nobody reads the log, then a second signal ends the service at once', async () => {
  const { url, child, exitCode } = await unreadService({ SHUTDOWN_DELAY_SECONDS: '600' });
  child.kill('SIGTERM');
  await eventually(async () => (await fetch(`${url}/readyz`)).status === 503);
  child.kill('SIGTERM');
  expect(await exitCode).toBe(1);
}, 60_000);
