import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Connection } from 'mongoose';
import { freePort } from '../../dev/embedded/free-port.ts';
import {
  type BrokerUnderTest,
  connectedClient,
  kinds,
  patient,
} from '../../tests/conformance/broker-under-test.ts';
import { runBroker } from '../../tests/support/broker-lag.ts';
import { newId } from '../../tests/support/buyer.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';
import { replicaModel } from '../messaging/replicas/replica-model.ts';
import { createReplicaStore } from '../messaging/replicas/replica-store.ts';

const { mongoUri } = testConfig();
let database: Connection;

beforeAll(async () => {
  database = await openDatabase(testConfig({ mongoUri }));
});
beforeEach(() => database.collection('replicas').deleteMany({}));

/** A replica that has just reported itself. */
async function replicaIs(paused: boolean, broker: string): Promise<void> {
  const replicas = createReplicaStore(replicaModel(database));
  await replicas.report(newId(), { host: 'orders-1', pid: 7, broker, paused });
}

describe.each(['NATS Streaming', 'JetStream'] as const)('When %s is asked for its lag', (kind) => {
  let broker: BrokerUnderTest;
  let options: string[] = [];
  beforeAll(async () => {
    const port = await freePort();
    broker = await kinds[kind](kind === 'JetStream' ? [] : ['-m', String(port)]);
    options = kind === 'JetStream' ? [] : ['--monitoring', `http://127.0.0.1:${port}`];
  }, 120_000);

  const run = (...args: string[]) =>
    runBroker({ MONGO_URI: mongoUri, ...broker.environment() }, 'lag', ...options, ...args);
  const json = async () => JSON.parse((await run('--json')).lines[0] ?? '{}') as Record<string, unknown>;

  test('then it is 0 when nothing waits and every replica is paused, on whichever broker', async () => {
    await replicaIs(true, kind);
    await replicaIs(true, 'another broker');
    const { exitCode, lines } = await run();
    expect(lines.slice(-3)).toEqual([
      expect.stringMatching(`^replica  orders-1  process 7  on .*  paused  seen \\d+ s ago$`),
      expect.stringMatching(/^replica /),
      '0',
    ]);
    expect(exitCode).toBe(0);
  }, 60_000);

  test('then it is not 0 while a replica sends, or was not heard of for less than five minutes', async () => {
    await replicaIs(true, kind);
    await replicaIs(false, kind);
    const seenAt = new Date(Date.now() - 200_000);
    await database.collection('replicas').updateMany({ paused: false }, { $set: { seenAt } });
    const { exitCode, lines } = await run();
    expect(lines.at(-1)).toBe('not 0: 0 messages wait, 1 replicas send');
    expect(lines).toContainEqual(expect.stringMatching(/ {2}sends {2}seen (19|2\d)\d s ago$/));
    expect(exitCode).toBe(1);
  }, 60_000);

  test('then messages count that no member of a group was sent, or has acknowledged, also while none is there', async () => {
    const group = `group-${randomUUID()}`;
    const [first, second] = [
      await connectedClient(broker, { group }),
      await connectedClient(broker, { group }),
    ];
    let inHand = 0;
    const mayAcknowledge = new AbortController();
    const allowed = once(mayAcknowledge.signal, 'abort');
    for (const { broker: member } of [first, second]) {
      member.subscribe('order:created', async () => {
        inHand++;
        await allowed;
        return 'acknowledge';
      });
      await eventually(() => member.subscribedSince('order:created') !== undefined, patient);
    }
    for (let count = 0; count < 10; count++) await first.broker.publish('order:created', `held ${count}`);
    await eventually(() => inHand === 10, patient);
    expect(await json()).toMatchObject({ messages: 10, sending: 0, broker: kind });

    mayAcknowledge.abort();
    await eventually(async () => (await run()).lines.at(-1) === '0', { withinMs: 60_000 });

    for (const { broker: member } of [first, second]) await member.close();
    const other = await connectedClient(broker);
    for (let count = 0; count < 3; count++) await other.broker.publish('order:created', `waiting ${count}`);
    const { exitCode, lines } = await run();
    expect(lines[0]).toMatch(
      new RegExp(`^${kind}  order:created  .*${group}.*  3 wait, 0 are not acknowledged$`),
    );
    expect(lines.at(-1)).toBe('not 0: 3 messages wait, 0 replicas send');
    expect(exitCode).toBe(1);
  }, 180_000);
});

describe('When NATS Streaming’s monitoring', () => {
  const lag = (...args: string[]) =>
    runBroker(
      { MONGO_URI: mongoUri, NATS_URL: 'nats://127.0.0.1:1', NATS_CLUSTER_ID: 'other' },
      'lag',
      ...args,
    );

  test('is not there, then that is said, with what to do, and the exit code is 1', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const { exitCode, lines, problems } = await lag('--monitoring', nobody);
    expect(lines).toEqual([]);
    expect(problems).toMatch(
      new RegExp(`${nobody}/streaming/channelsz.* cannot be read \\(.*ECONNREFUSED.*--monitoring`),
    );
    expect(exitCode).toBe(1);
  }, 60_000);

  test('is of another cluster, then both are named', async () => {
    const port = await freePort();
    await kinds['NATS Streaming'](['-m', String(port)]);
    const { exitCode, problems } = await lag('--monitoring', `http://127.0.0.1:${port}`);
    expect(problems).toContain(
      `http://127.0.0.1:${port} is of the cluster ticketing, NATS_CLUSTER_ID is other`,
    );
    expect(exitCode).toBe(1);
  }, 60_000);
});

test.each([
  [[]],
  [['move']],
  [['lag', 'all']],
  [['lag', '--monitoring', 'nats-srv:8222']],
  [['lag', '--json', '--json']],
])(
  'When the command line is wrong (%j), then the usage is printed and the exit code is 2',
  async (args) => {
    const { exitCode, problems } = await runBroker({ MONGO_URI: mongoUri }, ...args);
    expect(problems).toContain('usage: broker lag');
    expect(exitCode).toBe(2);
  },
  60_000,
);
