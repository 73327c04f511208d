import { atEnd } from '../support/at-end.ts';
import { requestOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { openDatabase, testConfig } from '../support/running-service.ts';
import { environmentOf, runService } from '../support/service-process.ts';
import { mongoUriThrough, startWithholdingProxy } from '../support/withholding-proxy.ts';

const jsonOf = async (url: string) => {
  const answer = await fetch(url);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

test('When SIGTERM comes, then it says so to the ingress, serves on for the delay, and ends with 0', async () => {
  const config = testConfig({ shutdownDelayMs: 2_000, logLevel: 'info' });
  const database = await openDatabase(config);
  const service = runService(environmentOf(config));
  const url = await service.url();
  await service.connected();
  expect(await jsonOf(`${url}/readyz`)).toMatchObject({
    status: 200,
    body: { status: 'ready', database: 'up', broker: 'up' },
  });

  service.kill('SIGTERM');
  await eventually(async () => (await fetch(`${url}/readyz`)).status === 503);
  expect(await jsonOf(`${url}/readyz`)).toMatchObject({ body: { status: 'stopping', broker: 'up' } });
  expect(await jsonOf(`${url}/healthz`)).toMatchObject({ status: 200, body: { status: 'ok' } });
  const bought = await requestOrder(url, await storeTicket(database));
  expect(bought.status).toBe(201);
  expect(bought.headers.get('connection')).toBe('close');

  expect(await service.exitCode).toBe(0);
  // The event of the last purchase went out before the end.
  expect(await database.collection('orders').countDocuments({ outbox: { $ne: [] } })).toBe(0);
});

test('When a second signal comes, then it ends at once with 1', async () => {
  const service = runService(environmentOf(testConfig({ shutdownDelayMs: 60_000, logLevel: 'info' })));
  await service.url();
  service.kill('SIGTERM');
  await eventually(() => service.output().includes('stopping'));
  service.kill('SIGINT');
  expect(await service.exitCode).toBe(1);
  expect(service.output()).not.toContain('stopped');
});

test('When the signal comes while the database is still awaited, then it ends with 0', async () => {
  const service = runService({
    ...environmentOf(testConfig({ logLevel: 'info' })),
    MONGO_URI: 'mongodb://127.0.0.1:9/orders',
  });
  await eventually(() => service.output().includes('does not answer yet'), { withinMs: 20_000 });
  service.kill('SIGTERM');
  expect(await service.exitCode).toBe(0);
});

test('When something is not finished within the grace, then it says so and ends with 1', async () => {
  const config = testConfig({ shutdownGraceMs: 1_000, logLevel: 'info' });
  const proxy = await startWithholdingProxy(config.mongoUri);
  const service = runService({
    ...environmentOf(config),
    MONGO_URI: mongoUriThrough(proxy, config.mongoUri),
  });
  const url = await service.url();
  await openDatabase(config);

  const asked = proxy.stopAt({ withhold: 'request', matches: (sent) => sent.includes('createdAt') });
  const waiting = fetch(`${url}/api/orders`, { headers: signedIn() }).catch(() => undefined);
  atEnd(() => waiting);
  await asked;
  service.kill('SIGTERM');
  expect(await service.exitCode).toBe(1);
  expect(service.output()).toContain('not everything was finished in time');
});
