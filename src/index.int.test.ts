import { signedIn, storeTicket } from '../tests/support/buyer.ts';
import { eventually } from '../tests/support/eventually.ts';
import { openDatabase, testConfig } from '../tests/support/running-service.ts';
import { environmentOf, runService } from '../tests/support/service-process.ts';

const config = testConfig({ logLevel: 'info' });
const variables = environmentOf(config);
const required = ['MONGO_URI', 'NATS_URL', 'NATS_CLUSTER_ID', 'NATS_CLIENT_ID', 'JWT_KEY'];

test('When variables are missing or bad, then all of them are named and the process exits with 1', async () => {
  const started = runService({ PORT: 'web', NATS_URL: 'http://nats', ORDER_HOLD_SECONDS: '-1' });
  expect(await started.exitCode).toBe(1);
  for (const name of [...required, 'PORT', 'ORDER_HOLD_SECONDS']) expect(started.output()).toContain(name);
});

test('When the database is not there within 30 s, then the process says so and exits with 1', async () => {
  const started = runService({ ...variables, MONGO_URI: 'mongodb://127.0.0.1:9/orders' });
  expect(await started.exitCode).toBe(1);
  expect(started.output()).toContain('ECONNREFUSED');
}, 60_000);

test('When SIGTERM comes, then the process stops with 0', async () => {
  const started = runService(variables);
  const url = await started.url();
  await eventually(async () => (await fetch(`${url}/readyz`)).ok);
  started.kill('SIGTERM');
  expect(await started.exitCode).toBe(0);
});

test('When the id of a user holds what a terminal would obey, then it is an escape in the log', async () => {
  const started = runService(variables);
  await fetch(`${await started.url()}/api/orders`, { headers: signedIn('\u009b2J\u0085') });
  await eventually(() => started.output().includes('request answered'));
  expect(started.output()).toContain(String.raw`"userId":"\u009b2J\u0085"`);
  expect(started.output().replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('When the start fails over what the database has, then controls in it are escapes on the terminal', async () => {
  const hostile = testConfig();
  const database = await openDatabase(hostile);
  await database.collection('orders').createIndex({ ticketId: 1 }, { name: 'mine\u009b2J' });
  const started = runService(environmentOf(hostile));
  expect(await started.exitCode).toBe(1);
  expect(started.output()).toContain(String.raw`mine\u009b2J`);
  // Its own line breaks are.
  expect(started.output()).toMatch(/needs:\n {2}orders: found/);
  expect(started.output().replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('When the broker is away, then the service starts and takes orders all the same', async () => {
  const database = await openDatabase(config);
  const url = await runService({ ...variables, NATS_URL: 'nats://127.0.0.1:9' }).url();
  const body = JSON.stringify({ ticketId: await storeTicket(database) });
  const headers = { ...signedIn(), 'Content-Type': 'application/json' };
  expect((await fetch(`${url}/api/orders`, { method: 'POST', headers, body })).status).toBe(201);
});
