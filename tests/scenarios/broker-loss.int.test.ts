import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { Broker } from '../../src/messaging/broker.ts';
import { connectNatsStreaming } from '../../src/messaging/nats-streaming/nats-streaming.ts';
import { atEnd } from '../support/at-end.ts';
import { eventually } from '../support/eventually.ts';
import { type OwnBroker, startOwnBroker } from '../support/own-broker.ts';

/** The promise is 20 s; a busy machine may check a little late. */
const noticed = { withinMs: 22_000 };
const patient = { withinMs: 40_000 };
let nats: OwnBroker;

beforeAll(async () => {
  nats = await startOwnBroker();
});

function connect(
  clientId: string,
  queueGroup: string,
): { broker: Broker; got: string[]; reasons: () => string } {
  let logged = '';
  const log = pino(
    { level: 'info' },
    {
      write: (line: string) => {
        logged += line;
      },
    },
  );
  const broker = connectNatsStreaming({
    url: nats.url,
    clusterId: nats.clusterId,
    clientId,
    queueGroup,
    log,
  });
  atEnd(() => broker.close());
  const got: string[] = [];
  broker.subscribe('loss', async ({ data }) => {
    got.push(Buffer.from(data).toString());
    return 'acknowledge';
  });
  return { broker, got, reasons: () => logged };
}

test('When the broker freezes, then that is noticed within 20 s, and once it goes on the subscription does, too', async () => {
  const { broker, got } = connect(`client-${randomUUID()}`, `group-${randomUUID()}`);
  await eventually(() => broker.isConnected());
  await broker.publish('loss', 'before');
  await eventually(() => got.includes('before'));
  nats.server.freeze();
  // Half open: nothing says that the connection is gone but the silence.
  await eventually(() => !broker.isConnected(), noticed);
  await expect(broker.publish('loss', 'meanwhile')).rejects.toThrow('no connection');
  nats.server.resume();
  await eventually(() => broker.isConnected(), patient);
  await broker.publish('loss', 'after');
  await eventually(() => got.includes('after'), patient);
  // The durable knew what was acknowledged before.
  expect(got).toEqual(['before', 'after']);
}, 120_000);

test('When the client ID is still held, then it is waited for, and the process goes on', async () => {
  const clientId = `client-${randomUUID()}`;
  const group = `group-${randomUUID()}`;
  const first = connect(clientId, group);
  await eventually(() => first.broker.isConnected());
  const second = connect(clientId, group);
  await eventually(() => second.reasons().includes('clientID already registered'));
  expect(second.broker.isConnected()).toBe(false);
  expect(first.broker.isConnected()).toBe(true);
  await first.broker.stopReceiving();
  await first.broker.close();
  await eventually(() => second.broker.isConnected(), patient);
  await second.broker.publish('loss', 'taken over');
  await eventually(() => second.got.includes('taken over'), patient);
}, 120_000);
