import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import express from 'express';
import { Gauge, Registry } from 'prom-client';
import { atEnd } from '../../tests/support/at-end.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { listen } from '../platform/http/server.ts';
import { metricsRoute } from './metrics-route.ts';

/** Serves metrics whose text can be delayed, and is longer than the buffers of a connection that is not read. */
async function serve() {
  const registry = new Registry();
  const seen = { built: 0 };
  let wait: Promise<void> | undefined;
  new Gauge({ name: 'long', help: 'x'.repeat(2 ** 24), registers: [registry] });
  const app = express();
  metricsRoute(registry, async () => {
    seen.built++;
    await wait;
  })(app);
  const server = await listen(app, 0);
  atEnd(() => server.stop());
  const delay = () => {
    let release: () => void = () => undefined;
    wait = new Promise((resolve) => (release = resolve));
    return release;
  };
  return { server, seen, delay, request: () => fetch(`http://127.0.0.1:${server.port}/metrics`) };
}

async function requestUnread(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').pause();
  atEnd(async () => socket.destroy());
  await once(socket, 'connect');
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  return socket;
}

test('When several ask for the metrics at once, then their text is made once, and again for the next', async () => {
  const { server, seen, delay, request } = await serve();
  const release = delay();
  const responses = Array.from({ length: 10 }, request);
  await eventually(() => server.requestsInFlight() === 10);
  expect(seen.built).toBe(1);
  release();
  for (const response of responses) expect(await (await response).text()).toContain('# TYPE long gauge');
  expect((await request()).status).toBe(200);
  expect(seen.built).toBe(2);
});

test('When the metrics cannot be read, then they are read again for the next request', async () => {
  const registry = new Registry();
  const collect = jest.fn().mockImplementationOnce(() => {
    throw new Error('no');
  });
  new Gauge({ name: 'broken', help: 'x', registers: [registry], collect });
  const app = express().set('env', 'test');
  metricsRoute(registry, () => Promise.resolve())(app);
  const server = await listen(app, 0);
  atEnd(() => server.stop());
  const request = () => fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect((await request()).status).toBe(500);
  expect((await request()).status).toBe(200);
});

test('When 16 do not read the metrics, then the next one gets 503 and a Retry-After, until one has gone', async () => {
  const { server, request } = await serve();
  const unread = await Promise.all(Array.from({ length: 16 }, () => requestUnread(server.port)));
  await eventually(() => server.requestsInFlight() === 16);
  const refused = await request();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await refused.json()).toMatchObject({ errors: [{ code: 'overloaded' }] });
  unread[0]?.destroy();
  await eventually(() => server.requestsInFlight() === 15);
  const served = await request();
  expect(served.status).toBe(200);
  await served.text();
});
