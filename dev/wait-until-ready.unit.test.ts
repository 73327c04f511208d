import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from '../tests/support/at-end.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const program = (source: string) => {
  const child = spawn(process.execPath, ['-e', source], { stdio: 'ignore' });
  atEnd(async () => void child.kill('SIGKILL'));
  return child;
};

async function serve(bodies: [status: number, body: string][]): Promise<{ url: string; left: () => number }> {
  const left = [...bodies];
  const server = createServer((_req, res) => {
    const [status, body] = (left.length > 1 ? left.shift() : left[0]) ?? [500, ''];
    res.writeHead(status).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  atEnd(async () => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, left: () => left.length };
}

test('When a process answers 503, then without its broker, then with it, then it is ready at last', async () => {
  const { url, left } = await serve([
    [503, '{}'],
    [200, '{"broker":"down"}'],
    [200, '{"broker":"up"}'],
  ]);
  const child = program('setInterval(() => undefined, 1_000)');
  const isReady = (body: string) => body.includes('"up"');
  await waitUntilReady({ url, child, timeoutMs: 10_000, everyMs: 1, isReady });
  expect(left()).toBe(1);
});

test('When a process ends before it is ready, then that is the error, with its exit code', async () => {
  const { url } = await serve([[503, '{}']]);
  const waiting = waitUntilReady({ url, child: program('process.exit(3)'), timeoutMs: 20_000, everyMs: 5 });
  await expect(waiting).rejects.toMatchObject({
    message: `the process at ${url} did not become ready`,
    cause: 'it ended with exit code 3',
  });
});
