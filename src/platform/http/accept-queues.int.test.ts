import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { atEnd } from '../../../tests/support/at-end.ts';
import { acceptConnections, canShareAPort } from './accept-queues.ts';

test.each([
  ['20.19.0', 'linux', false],
  ['22.11.9', 'linux', false],
  ['22.12.0', 'linux', true],
  ['23.0.0', 'linux', false],
  ['23.1.0', 'linux', true],
  ['24.0.0', 'linux', true],
  ['24.0.0', 'darwin', false],
] as const)(
  'When Node is %s on %s, then a port can have several queues: %s',
  (version, platform, expected) => {
    expect(canShareAPort(version, platform)).toBe(expected);
  },
);

test('When a port is in use, then that is told, also where it could be shared', async () => {
  const other = createNetServer().listen(0);
  await once(other, 'listening');
  atEnd(async () => void other.close());
  const { port } = other.address() as { port: number };
  for (const isShared of [false, canShareAPort()]) {
    await expect(acceptConnections(createServer(), { port }, isShared)).rejects.toThrow('EADDRINUSE');
  }
});

test('When two ask for the same port one after the other, then the second is refused', async () => {
  const first = await acceptConnections(createServer(), { port: 0 });
  atEnd(() => first.close());
  await expect(acceptConnections(createServer(), { port: first.port })).rejects.toThrow('EADDRINUSE');
});

test('When many connect, then all are served, and once it is closed none is', async () => {
  const server = createServer((_req, res) => res.setHeader('Connection', 'close').end('served'));
  const queues = await acceptConnections(server, { port: 0 });
  const ask = async () => (await fetch(`http://127.0.0.1:${queues.port}`)).text();
  expect(new Set(await Promise.all(Array.from({ length: 200 }, ask)))).toEqual(new Set(['served']));
  await queues.close();
  await expect(ask()).rejects.toThrow();
});
