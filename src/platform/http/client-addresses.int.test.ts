import { once } from 'node:events';
import { connect } from 'node:net';
import express, { type Response } from 'express';
import { atEnd } from '../../../tests/support/at-end.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { clientAddresses } from './client-addresses.ts';
import { listen } from './server.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** Takes 16 requests at once, so 2 of one client. */
async function serve(trustProxy: TrustedProxies, maxConnectionsPerAddress = 0) {
  const app = express();
  app.set('trust proxy', trustProxy);
  const waiting: Response[] = [];
  app.get('/', (_req, res) => void waiting.push(res));
  app.get('/healthz', (_req, res) => void res.json('ok'));
  let dropped = 0;
  const server = await listen(app, 0, {
    limits: {
      ...clientAddresses(app, trustProxy),
      ...{ maxRequestsInFlight: 16, maxConnections: 100, maxConnectionsPerAddress },
      exemptPaths: ['/healthz'],
      isBusy: () => false,
      onOverloaded: () => undefined,
      onConnectionDropped: () => dropped++,
    },
  });
  atEnd(() => server.stop());
  const release = () => {
    for (const res of waiting.splice(0)) res.json('served');
  };
  atEnd(async () => release());
  const ask = (forwardedFor?: string, path = '/') =>
    fetch(`http://127.0.0.1:${server.port}${path}`, {
      headers: forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor },
    });
  return { port: server.port, server, waiting, release, ask, dropped: () => dropped };
}

type Served = Awaited<ReturnType<typeof serve>>;

/** Whether so many requests are all taken. */
async function expectTaken({ waiting, release, ask }: Served, forwardedFor: (string | undefined)[]) {
  const before = waiting.length;
  const answers = forwardedFor.map((address) => ask(address));
  await eventually(() => waiting.length === before + forwardedFor.length);
  release();
  for (const answer of answers) expect((await answer).status).toBe(200);
}

test.each([
  ['an IPv4 address', '192.0.2.1', '192.0.2.1', '192.0.2.2'],
  ['a network of IPv6', '2001:db8::1', '2001:db8::2', '2001:db8:1::1'],
])(
  'When %s has its share of the requests in flight, then its next is told to come back, and others are served',
  async (_, first, same, other) => {
    const served = await serve(1);
    const { ask, waiting, release, server } = served;
    const taken = [ask(first), ask(first)];
    await eventually(() => waiting.length === 2);
    const refused = await ask(same);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([
      503,
      expect.stringMatching(/^\d+$/),
    ]);
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'overloaded' }] });
    expect((await ask(same, '/healthz')).status).toBe(200);
    await expectTaken(served, [other, other]);
    release();
    await Promise.all(taken);
    await eventually(() => server.requestsInFlight() === 0);
    await expectTaken(served, [same, first]);
  },
);

test.each<[string, TrustedProxies, string | undefined]>([
  ['come over a proxy that does not say whose they are', 1, undefined],
  ['come from the network of the proxies', ['loopback', '10.0.0.0/8'], '10.1.2.3'],
  ['claim an address without a proxy that is trusted', 0, '192.0.2.1'],
  ['claim an address past a proxy that is trusted', ['10.0.0.0/8'], '192.0.2.1'],
])('When requests %s, then they have no share of their own', async (_, trustProxy, forwardedFor) => {
  const served = await serve(trustProxy);
  await expectTaken(served, Array<string | undefined>(4).fill(forwardedFor));
});

/** Opens connections, and keeps them open until they are ended. */
async function openConnections(port: number, count: number) {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1').resume());
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  atEnd(async () => end());
  // One that is dropped may be reset.
  for (const socket of sockets) socket.on('error', () => undefined);
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return { open: () => sockets.filter(({ closed, readableEnded }) => !closed && !readableEnded).length, end };
}

test('When an address has as many connections as it may have, then its next are closed and counted, until it has ended some', async () => {
  const { port, server, dropped, ask } = await serve(0, 2);
  const { open, end } = await openConnections(port, 4);
  await eventually(() => open() === 2 && dropped() === 2 && server.connections() === 2);
  await expect(ask(undefined, '/healthz')).rejects.toThrow();
  expect(dropped()).toBe(3);
  end();
  await eventually(() => server.connections() === 0);
  expect((await ask(undefined, '/healthz')).status).toBe(200);
});

test.each<[string, TrustedProxies]>([
  ['by its number', 1],
  ['by its network', ['loopback']],
])('When a proxy is trusted %s, then its connections are not counted by address', async (_, trustProxy) => {
  const { port, server, dropped } = await serve(trustProxy, 2);
  await openConnections(port, 4);
  await eventually(() => server.connections() === 4);
  expect(dropped()).toBe(0);
});
