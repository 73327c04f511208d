import { existsSync } from 'node:fs';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import mongoose, { type mongo } from 'mongoose';
import nats, { type Stan } from 'node-nats-streaming';
import { atEnd } from '../../tests/support/at-end.ts';
import { brokerVariables } from './broker-variables.ts';
import type { EmbeddedBroker, EmbeddedMongo } from './embedded-server.ts';
import type { ServerProcess } from './server-process.ts';
import { type EmbeddedStack, startStack } from './stack.ts';

/** The run's own servers are up as well, so this is a second stack beside the first. */
const variables = ['MONGO_URI', 'NATS_URL', 'JETSTREAM_URL'] as const;
const before = variables.map((name) => [name, process.env[name]] as const);
const options = { log: () => undefined, broker: 'nats-streaming' } as const;
let stack: EmbeddedStack<'nats-streaming'>;

beforeAll(async () => {
  for (const name of variables) delete process.env[name];
  stack = await startStack(options);
}, 120_000);

atEnd(async () => {
  await stack.stop();
  for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
});

function ownServer({ server, description }: EmbeddedMongo | EmbeddedBroker): ServerProcess {
  if (!server) throw new Error(`${description} was not started here`);
  return server;
}

async function withClient<Result>(work: (client: mongo.MongoClient) => Promise<Result>, timeoutMs = 5_000) {
  const client = new mongoose.mongo.MongoClient(stack.mongo.uri('kept'), {
    serverSelectionTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
    retryReads: false,
  });
  return work(client).finally(() => client.close());
}

function connectNats(clientId: string): Promise<Stan> {
  const client = nats.connect(stack.broker.clusterId, clientId, {
    url: stack.broker.url,
    connectTimeout: 5_000,
  });
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.on('error', reject);
  });
}

async function connectJetStream(servers: string) {
  const connection = await connect({ servers });
  return {
    client: jetstream(connection),
    manager: await jetstreamManager(connection),
    close: () => connection.close(),
  };
}

async function closeNats(client: Stan): Promise<void> {
  const closed = new Promise((resolve) => client.once('close', resolve));
  client.close();
  await closed;
}

test('When the database is killed and restarted, then an acknowledged write is still there', async () => {
  const server = ownServer(stack.mongo);
  await withClient((client) =>
    client
      .db()
      .collection('orders')
      .insertOne({ kept: true }, { writeConcern: { w: 'majority', journal: true } }),
  );
  await server.kill('SIGKILL');
  await server.restart();
  expect(await withClient((client) => client.db().collection('orders').countDocuments())).toBe(1);
});

test('When the database is frozen, then it does not answer until it is resumed', async () => {
  const server = ownServer(stack.mongo);
  const ping = (timeoutMs: number) => withClient((client) => client.db().command({ ping: 1 }), timeoutMs);
  server.freeze();
  await expect(ping(300)).rejects.toThrow();
  server.resume();
  await expect(ping(5_000)).resolves.toMatchObject({ ok: 1 });
});

test('When the broker is killed and restarted, then an acknowledged message is still there', async () => {
  const server = ownServer(stack.broker);
  const publisher = await connectNats('publisher');
  const acknowledged = new Promise<unknown>((resolve) => {
    publisher.publish('order:created', 'kept', resolve);
  });
  expect(await acknowledged).toBeUndefined();
  await closeNats(publisher);

  await server.kill('SIGKILL');
  await server.restart();

  const reader = await connectNats('reader');
  const subscription = reader.subscribe(
    'order:created',
    reader.subscriptionOptions().setDeliverAllAvailable(),
  );
  const message = await new Promise((resolve) => {
    subscription.once('message', (received) => resolve(received.getData()));
  });
  expect(message).toBe('kept');
  await closeNats(reader);
});

test('When a stack is stopped, then its processes and folders are gone and another goes on', async () => {
  const other = await startStack(options);
  const servers = [ownServer(other.mongo), ownServer(other.broker)];
  expect(other.broker.url).not.toBe(stack.broker.url);
  await other.stop();
  for (const { pid, folder } of servers) {
    expect(pid).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
  }
  expect(ownServer(stack.mongo).pid).toEqual(expect.any(Number));
});

test('When one of the two cannot be started, then the other is stopped and the reason is in the error', async () => {
  const listeners = process.listenerCount('exit');
  process.env['MONGO_URI'] = 'not a uri';
  await expect(startStack(options)).rejects.toThrow('not a MongoDB connection string');
  delete process.env['MONGO_URI'];
  expect(process.listenerCount('exit')).toBe(listeners);
});

test('When servers are named in the environment, then those are used and none is started', async () => {
  process.env['MONGO_URI'] = 'mongodb://db.example/theirs?w=1';
  process.env['NATS_URL'] = 'nats://broker.example:4222';
  const given = await startStack(options);
  for (const name of variables) delete process.env[name];
  expect(given.mongo.uri('orders')).toBe('mongodb://db.example/orders?w=1');
  expect(given.broker).toMatchObject({ url: 'nats://broker.example:4222' });
  expect([given.mongo.server, given.broker.server]).toEqual([undefined, undefined]);
  await given.stop();
});

test('When the stack is one with JetStream, then a stored message outlives the end of its server', async () => {
  const { broker, stop } = await startStack({ ...options, broker: 'jetstream' });
  atEnd(stop);
  const server = ownServer(broker);
  const store = await connectJetStream(broker.url);
  await store.manager.streams.add({ name: 'KEPT', subjects: ['order:created'] });
  await store.client.publish('order:created', 'kept');
  await store.close();

  await server.kill('SIGKILL');
  await server.restart();

  const { manager, close } = await connectJetStream(broker.url);
  expect((await manager.streams.getMessage('KEPT', { seq: 1 }))?.string()).toBe('kept');
  await close();
});

test('When JETSTREAM_URL is set, then that server is used, with the files that it wants', async () => {
  process.env['MONGO_URI'] = 'mongodb://db.example';
  process.env['JETSTREAM_URL'] = 'nats://a.example,nats://b.example';
  process.env['JETSTREAM_CREDS_FILE'] = '/credentials';
  const { broker } = await startStack({ ...options, broker: 'jetstream' });
  for (const name of [...variables, 'JETSTREAM_CREDS_FILE']) delete process.env[name];
  expect(broker).toMatchObject({ url: 'nats://a.example,nats://b.example', credsFile: '/credentials' });
  expect(broker.server).toBeUndefined();
  expect(brokerVariables(broker)).toEqual({
    JETSTREAM_URL: 'nats://a.example,nats://b.example',
    JETSTREAM_CREDS_FILE: '/credentials',
  });
});
