import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import express from 'express';
import { Gauge, Registry } from 'prom-client';
import { atEnd } from '../../tests/support/at-end.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { listen } from '../platform/http/server.ts';
import { metricsRoute } from './metrics-route.ts';

/** Serves metrics of which the building can be held up, and which are longer than a connection that is not read takes. */
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
  const holdUp = () => {
    let goOn: () => void = () => undefined;
    wait = new Promise((resolve) => (goOn = resolve));
    return goOn;
  };
  return { server, seen, holdUp, ask: () => fetch(`http://127.0.0.1:${server.port}/metrics`) };
}

async function askUnread(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').pause();
  atEnd(async () => socket.destroy());
  await once(socket, 'connect');
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  return socket;
}

test('When several ask for the metrics at once, then they are built once, and anew for the next', async () => {
  const { server, seen, holdUp, ask } = await serve();
  const goOn = holdUp();
  const answers = Array.from({ length: 10 }, ask);
  await eventually(() => server.requestsInFlight() === 10);
  expect(seen.built).toBe(1);
  goOn();
  for (const answer of answers) expect(await (await answer).text()).toContain('# TYPE long gauge');
  expect((await ask()).status).toBe(200);
  expect(seen.built).toBe(2);
});

test('When the metrics cannot be built, then the next one who asks has them built anew', async () => {
  const registry = new Registry();
  const collect = jest.fn().mockImplementationOnce(() => {
    throw new Error('no');
  });
  new Gauge({ name: 'broken', help: 'x', registers: [registry], collect });
  const app = express().set('env', 'test');
  metricsRoute(registry, () => Promise.resolve())(app);
  const server = await listen(app, 0);
  atEnd(() => server.stop());
  const ask = () => fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect((await ask()).status).toBe(500);
  expect((await ask()).status).toBe(200);
});

test('When 16 do not read the metrics, then further ones are told to come back, until one has gone', async () => {
  const { server, ask } = await serve();
  const unread = await Promise.all(Array.from({ length: 16 }, () => askUnread(server.port)));
  await eventually(() => server.requestsInFlight() === 16);
  const refused = await ask();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await refused.json()).toMatchObject({ errors: [{ code: 'overloaded' }] });
  unread[0]?.destroy();
  await eventually(() => server.requestsInFlight() === 15);
  const served = await ask();
  expect(served.status).toBe(200);
  await served.text();
});
