import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '../../../dev/embedded/free-port.ts';
import { atEnd } from '../../../tests/support/at-end.ts';
import { signedIn } from '../../../tests/support/buyer.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { startOwnDatabase } from '../../../tests/support/own-database.ts';
import { openDatabase, startTestService, testConfig } from '../../../tests/support/running-service.ts';
import { scrape, sumOf } from '../../../tests/support/scrape.ts';
import { environmentOf, runService } from '../../../tests/support/service-process.ts';

async function get(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(url);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('When probes have a port of their own, then they are there, and on the other port they are unknown', async () => {
  const { url, probesUrl } = await startTestService(testConfig({ probesPort: 0 }));
  expect(probesUrl).not.toBe(url);
  expect(await get(`${probesUrl}/healthz`)).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect(await get(`${probesUrl}/readyz`)).toMatchObject({
    status: 200,
    body: { status: 'ready', database: 'up' },
  });
  expect(sumOf(await scrape(probesUrl), 'orders_placed_total')).toBe(0);
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    expect(await get(`${url}${path}`)).toEqual({
      status: 404,
      body: { errors: [expect.objectContaining({ code: 'not_found' })] },
    });
  }
  expect((await get(`${probesUrl}/api/orders`)).status).toBe(404);
});

test('When probes have no port of their own, then they are served beside the orders', async () => {
  const { url, probesUrl } = await startTestService(testConfig());
  expect(probesUrl).toBe(url);
  for (const path of ['/healthz', '/readyz', '/metrics'])
    expect((await fetch(`${url}${path}`)).status).toBe(200);
});

test('When the service has not started yet, then its probes say so and its metrics answer, and at the end they close last', async () => {
  const probesPort = await freePort();
  const probes = `http://127.0.0.1:${probesPort}`;
  const config = testConfig({ probesPort, logLevel: 'info', shutdownDelayMs: 2_000 });
  const waiting = runService({
    ...environmentOf(config),
    MONGO_URI: 'mongodb://127.0.0.1:9/orders',
  });
  await eventually(() => waiting.output().includes('does not answer yet'), { withinMs: 20_000 });
  for (const path of ['/healthz', '/readyz'])
    expect(await get(`${probes}${path}`)).toEqual({ status: 503, body: { status: 'starting' } });
  expect(sumOf(await scrape(probes), 'orders_placed_total')).toBe(0);
  waiting.kill('SIGKILL');
  await waiting.exitCode;

  const service = runService(environmentOf(config));
  const url = await service.url();
  expect((await get(`${probes}/readyz`)).status).toBe(200);
  service.kill('SIGTERM');
  await eventually(async () => (await get(`${probes}/readyz`)).body['status'] === 'stopping');
  expect((await fetch(`${url}/api/orders`)).status).toBe(401);
  expect((await get(`${probes}/healthz`)).status).toBe(200);
  expect(await service.exitCode).toBe(0);
}, 60_000);

test.each(['port', 'probesPort'] as const)(
  'When the %s is in use, then the start fails and says so, and nothing is left running',
  async (name) => {
    const taken = createServer().listen(0);
    await once(taken, 'listening');
    atEnd(async () => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expect(startTestService(testConfig({ probesPort: 0, [name]: port }))).rejects.toThrow('EADDRINUSE');
  },
);

test('When the database goes away, then a service that has started stays ready, says so in detail, and answers 503', async () => {
  const { uri, server } = await startOwnDatabase();
  const config = testConfig({ mongoUri: uri, probesPort: 0 });
  await openDatabase(config);
  const { url, probesUrl } = await startTestService(config);
  await server.kill('SIGKILL');
  await eventually(async () => (await get(`${probesUrl}/readyz`)).body['database'] === 'down');
  expect(await get(`${probesUrl}/readyz`)).toMatchObject({ status: 200, body: { status: 'ready' } });
  expect(sumOf(await scrape(probesUrl), 'orders_database_up')).toBe(0);
  const list = await fetch(`${url}/api/orders`, { headers: signedIn() });
  expect([list.status, list.headers.has('retry-after')]).toEqual([503, true]);
  await server.restart();
  await eventually(async () => (await get(`${probesUrl}/readyz`)).body['database'] === 'up', {
    withinMs: 20_000,
  });
}, 60_000);
