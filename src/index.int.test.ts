import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { signedIn, storeTicket } from '../tests/support/buyer.ts';
import { eventually } from '../tests/support/eventually.ts';
import { atEnd } from '../tests/support/lifetime.ts';
import { jwtKey, openDatabase, testConfig } from '../tests/support/running-service.ts';

interface Run {
  process: ChildProcess;
  output: () => string;
  exitCode: Promise<number | null>;
}

/** Runs the service as its own process, with nothing in its environment but what is given. */
function run(variables: Record<string, string>): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/index.ts'], {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  atEnd(async () => {
    child.kill('SIGKILL');
    await exitCode;
  });
  return { process: child, output: () => output, exitCode };
}

const config = testConfig();
const variables = {
  PORT: '0',
  MONGO_URI: config.mongoUri,
  NATS_URL: config.nats.url,
  NATS_CLUSTER_ID: config.nats.clusterId,
  NATS_CLIENT_ID: config.nats.clientId,
  JWT_KEY: jwtKey,
};

async function urlOf(started: Run): Promise<string> {
  const port = () => /"port":(\d+)/.exec(started.output())?.[1];
  await eventually(() => port() !== undefined, { withinMs: 20_000 });
  return `http://127.0.0.1:${port()}`;
}

test('When variables are missing or bad, then all of them are named and the process exits with 1', async () => {
  const started = run({ PORT: 'web', NATS_URL: 'http://nats', ORDER_HOLD_SECONDS: '-1' });
  expect(await started.exitCode).toBe(1);
  for (const name of [...Object.keys(variables), 'ORDER_HOLD_SECONDS'])
    expect(started.output()).toContain(name);
});

test('When the database is not there within 30 s, then the process says so and exits with 1', async () => {
  const started = run({ ...variables, MONGO_URI: 'mongodb://127.0.0.1:9/orders' });
  expect(await started.exitCode).toBe(1);
  expect(started.output()).toContain('ECONNREFUSED');
}, 60_000);

test('When SIGTERM comes, then the process stops with 0', async () => {
  const started = run(variables);
  const url = await urlOf(started);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  started.process.kill('SIGTERM');
  expect(await started.exitCode).toBe(0);
});

test('When the broker is away, then the service starts and takes orders all the same', async () => {
  const database = await openDatabase(config);
  const url = await urlOf(run({ ...variables, NATS_URL: 'nats://127.0.0.1:9' }));
  const body = JSON.stringify({ ticketId: await storeTicket(database) });
  const headers = { ...signedIn(), 'Content-Type': 'application/json' };
  expect((await fetch(`${url}/api/orders`, { method: 'POST', headers, body })).status).toBe(201);
});
