import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import pino from 'pino';
import { atEnd } from '../../../tests/support/at-end.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { type OwnBroker, startOwnBroker } from '../../../tests/support/own-broker.ts';
import type { Broker } from '../broker.ts';
import { connectNatsStreaming } from './nats-streaming.ts';

const log = pino({ level: 'silent' });
const patient = { withinMs: 25_000 };
let nats: OwnBroker;
let server: OwnBroker['server'];

beforeAll(async () => {
  nats = await startOwnBroker();
  server = nats.server;
});

function connect(queueGroup = `group-${randomUUID()}`): Broker {
  const clientId = `client-${randomUUID()}`;
  const broker = connectNatsStreaming({
    url: nats.url,
    clusterId: nats.clusterId,
    clientId,
    queueGroup,
    log,
  });
  atEnd(() => broker.close());
  return broker;
}

/** Collects the texts that arrive. */
function collect(broker: Broker, subject: string): string[] {
  const got: string[] = [];
  broker.subscribe(subject, async ({ data }) => {
    got.push(Buffer.from(data).toString());
    return 'acknowledge';
  });
  return got;
}

test('When the first connection is not made yet, then publishing rejects', async () => {
  const broker = connect();
  expect(broker.isConnected()).toBe(false);
  await expect(broker.publish('early', '1')).rejects.toThrow('no connection');
  await eventually(() => broker.isConnected());
  await broker.publish('early', '2');
});

test('When a message arrives, then its delivery has all of it, raw bytes and first attempt included', async () => {
  const broker = connect();
  const deliveries: unknown[] = [];
  broker.subscribe('raw', async ({ data, timestamp, ...rest }) => {
    deliveries.push({ ...rest, text: Buffer.from(data).toString(), timed: /^\d{19}$/.test(timestamp) });
    return 'acknowledge';
  });
  await eventually(() => broker.isConnected());
  await broker.publish('raw', 'é');
  await eventually(() => deliveries.length === 1);
  expect(deliveries).toEqual([{ subject: 'raw', sequence: 1, attempt: 1, text: 'é', timed: true }]);
});

test('When the broker dies and comes back, then the connection is rebuilt and its subscription delivers again', async () => {
  const broker = connect();
  let connections = 0;
  broker.onConnect(() => {
    connections++;
  });
  const got = collect(broker, 'again');
  await eventually(() => broker.isConnected());
  await broker.publish('again', 'before');
  await eventually(() => got.includes('before'));
  await server.kill();
  await eventually(() => !broker.isConnected(), patient);
  await expect(broker.publish('again', 'unconnected')).rejects.toThrow('no connection');
  await server.restart();
  await eventually(() => broker.isConnected(), patient);
  await broker.publish('again', 'after');
  await eventually(() => got.includes('after'), patient);
  expect(connections).toBe(2);
  expect(got).not.toContain('unconnected');
}, 60_000);

test('When the broker is killed under many publishes, then each that resolved is stored', async () => {
  const broker = connect();
  await eventually(() => broker.isConnected());
  const stored: string[] = [];
  let refused = 0;
  const publish = (text: string) =>
    broker.publish('many', text).then(
      () => void stored.push(text),
      () => void refused++,
    );
  const first = Array.from({ length: 200 }, (_, index) => publish(`first ${index}`));
  await Promise.race(first);
  // A frozen server takes nothing any more: what is published now can never be acknowledged.
  server.freeze();
  const pending = Array.from({ length: 50 }, (_, index) => publish(`pending ${index}`));
  await server.kill();
  await Promise.all([...first, ...pending]);
  expect(stored.length + refused).toBe(250);
  expect(stored.length).toBeGreaterThan(0);
  await server.restart();
  const got = collect(connect(), 'many');
  await eventually(() => stored.every((text) => got.includes(text)), patient);
}, 60_000);

test('When one publish is pending as the broker is killed, then it rejects', async () => {
  const broker = connect();
  await eventually(() => broker.isConnected());
  server.freeze();
  const publishing = expect(broker.publish('pending', '1')).rejects.toThrow('not acknowledged by the broker');
  await server.kill('SIGKILL');
  await publishing;
  await server.restart();
}, 60_000);

test('When the broker is away at the start, then the connection is made once it is back', async () => {
  await server.kill();
  const broker = connect();
  const got = collect(broker, 'late');
  await expect(broker.publish('late', '0')).rejects.toThrow('no connection');
  await server.restart();
  await eventually(() => broker.isConnected(), patient);
  await broker.publish('late', '1');
  await eventually(() => got.length === 1, patient);
  expect(got).toEqual(['1']);
}, 60_000);

test('When it is closed, then nothing is received or published any more, and the durable stays', async () => {
  const group = `group-${randomUUID()}`;
  const broker = connect(group);
  const got = collect(broker, 'closing');
  await eventually(() => broker.isConnected());
  await broker.publish('closing', '1');
  await eventually(() => got.length === 1);
  await broker.stopReceiving();
  await broker.publish('closing', '2');
  await broker.close();
  await broker.close();
  expect(broker.isConnected()).toBe(false);
  await expect(broker.publish('closing', '3')).rejects.toThrow('no connection');
  expect(got).toEqual(['1']);
  const next = collect(connect(group), 'closing');
  await eventually(() => next.length > 0, patient);
  expect(next).toEqual(['2']);
});

test('When the server accepts the connection and never answers, then closing ends the wait', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const url = `nats://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const accepted = once(silent, 'connection');
  const broker = connectNatsStreaming({ url, clusterId: 'c', clientId: 'silent', queueGroup: 'g', log });
  await accepted;
  await broker.close();
  expect(broker.isConnected()).toBe(false);
  silent.close();
  await once(silent, 'close');
}, 5_000);
