import { randomUUID } from 'node:crypto';
import { type JetStreamManager, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { connect as connectNats } from '@nats-io/transport-node';
import type { WantedStream } from '../../src/messaging/jetstream/streams.ts';
import { atEnd } from '../support/at-end.ts';
import { eventually } from '../support/eventually.ts';
import { type NatsCluster, startNatsCluster } from '../support/nats-cluster.ts';
import { type Client, collecting, connectClient, patient } from './broker-under-test.ts';

let cluster: NatsCluster;
let url: string;
let operator: JetStreamManager;
beforeAll(async () => {
  cluster = await startNatsCluster({ log: () => undefined });
  atEnd(() => cluster.stop());
  const servers = cluster.servers.map(({ server }) => `nats://127.0.0.1:${server.port}`);
  url = servers.join(',');
  const connection = await connectNats({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  atEnd(() => connection.close());
  operator = await jetstreamManager(connection);
}, 120_000);

/** Elections take some seconds; a consumer that has heard nothing asks again. */
const secondsLater = { withinMs: 20_000 };

interface OwnStream extends WantedStream {
  subject: string;
}

/** A stream for one test alone, which its clients create. */
function ownStream(): OwnStream {
  const id = randomUUID().slice(0, 8);
  const subject = `case-${id}:created`;
  return { name: `CASE_${id}`, subjects: [subject], subject, maxAgeMs: 0, maxBytes: 1024 ** 2 };
}

async function connected(stream: WantedStream): Promise<Client> {
  const client = connectClient({ JETSTREAM_URL: url }, { streams: [stream], replicas: 3 });
  await eventually(() => client.broker.isConnected(), patient);
  return client;
}

const leaderOf = async ({ name }: WantedStream) => (await operator.streams.info(name)).cluster?.leader ?? '';

function serverOf(name: string) {
  const found = cluster.servers.find((server) => server.name === name);
  if (!found) throw new Error(`no server ${name}`);
  return found.server;
}

/** Sends one event after the other, each until it is acknowledged, as the relay does; ends when told to. */
function sendEvents({ broker }: Client, subject: string) {
  const acknowledged: string[] = [];
  let failures = 0;
  let ending = false;
  const send = async () => {
    for (let event = 0; !ending; )
      try {
        await broker.publish(subject, String(event), `${subject}:${event}`);
        acknowledged.push(String(event++));
      } catch {
        // It is sent again, with the same id.
        failures++;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
  };
  const sending = send();
  return {
    acknowledged,
    failures: () => failures,
    async end() {
      ending = true;
      await sending;
    },
  };
}

test('When several replicas start at once, then a missing stream is created once, on as many servers as is wanted', async () => {
  const stream = ownStream();
  const clients = await Promise.all([connected(stream), connected(stream), connected(stream)]);
  await Promise.all(clients.map((client) => client.broker.publish(stream.subject, '1')));
  const { config, state } = await operator.streams.info(stream.name);
  expect(config).toMatchObject({ num_replicas: 3, retention: RetentionPolicy.Limits });
  expect(state.messages).toBe(3);
  expect(clients.flatMap((client) => client.broker.problems())).toEqual([]);
}, 60_000);

test('When a stream’s leader is killed while events are sent, then each is stored once, and consumers go on within seconds', async () => {
  const stream = ownStream();
  const [sender, receiver] = [await connected(stream), await connected(stream)];
  const got = await collecting(receiver, stream.subject);
  const sending = sendEvents(sender, stream.subject);
  await eventually(() => got.length > 50, secondsLater);
  const leader = serverOf(await leaderOf(stream));
  await leader.kill();
  const before = sending.acknowledged.length;
  await eventually(() => sending.acknowledged.length > before + 50, secondsLater);
  await eventually(() => got.includes(String(before + 50)), secondsLater);
  await sending.end();
  await leader.restart();
  // What was on its way from the killed server comes again when its time to be acknowledged is over.
  await eventually(() => new Set(got).size === sending.acknowledged.length, patient);
  const { state } = await operator.streams.info(stream.name);
  expect(state.messages).toBe(sending.acknowledged.length);
}, 120_000);

test('When the leaders of a stream and of its durable move, then nobody notices but by a second’s delay', async () => {
  const stream = ownStream();
  const client = await connected(stream);
  const got = await collecting(client, stream.subject);
  const [durable] = await operator.consumers.list(stream.name).next();
  const leader = await leaderOf(stream);
  const sending = sendEvents(client, stream.subject);
  await eventually(() => got.length > 50, secondsLater);
  await stepDown(`STREAM.LEADER.STEPDOWN.${stream.name}`);
  await eventually(async () => (await leaderOf(stream)) !== leader, secondsLater);
  await stepDown(`CONSUMER.LEADER.STEPDOWN.${stream.name}.${durable?.name}`);
  const before = sending.acknowledged.length;
  await eventually(() => got.includes(String(before + 50)), secondsLater);
  await sending.end();
  await eventually(() => new Set(got).size === sending.acknowledged.length, secondsLater);
}, 60_000);

test('When two of three servers are gone, then publishes fail, and messages come within seconds once they are back', async () => {
  const stream = ownStream();
  const client = await connected(stream);
  const got = await collecting(client, stream.subject);
  const sending = sendEvents(client, stream.subject);
  await eventually(() => got.length > 50, secondsLater);
  const gone = cluster.servers.slice(1).map(({ server }) => server);
  await Promise.all(gone.map((server) => server.kill()));
  const { length } = sending.acknowledged;
  // Until the subscription has noticed, and has looked for its stream in vain.
  const isRefused = () => client.log().some(({ msg }) => msg.startsWith('the broker refuses'));
  await eventually(isRefused, patient);
  expect(client.broker.isConnected()).toBe(true);
  expect(sending.failures()).toBeGreaterThan(0);
  await Promise.all(gone.map((server) => server.restart()));
  await eventually(() => sending.acknowledged.length > length + 50, secondsLater);
  await eventually(() => got.includes(String(length + 50)), secondsLater);
  await sending.end();
  await eventually(() => new Set(got).size === sending.acknowledged.length, patient);
  expect(client.broker.refusedSubjects()).toEqual([]);
}, 180_000);

/** A request that the client has no function for. */
async function stepDown(request: string): Promise<void> {
  const connection = await connectNats({ servers: url.split(',') });
  await connection.request(`$JS.API.${request}`, '', { timeout: 5_000 });
  await connection.close();
}
