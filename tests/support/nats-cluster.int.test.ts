import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { atEnd } from './at-end.ts';
import { eventually } from './eventually.ts';
import { type NatsCluster, startNatsCluster } from './nats-cluster.ts';
import { clusterLeaders } from './nats-leaders.ts';
import { type Pair, startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const patient = { withinMs: 45_000, everyMs: 100 };
/** The ways between two servers, by their names. */
const ways = new Map<string, TcpProxy>();
/** The server that is cut off. */
let isolated: string | undefined;
let cluster: NatsCluster;
let manager: JetStreamManager;

beforeAll(async () => {
  cluster = await startNatsCluster({
    log: () => undefined,
    async linkRoute(from, to, port) {
      const way = await startTcpProxy(`127.0.0.1:${port}`, (pair) => {
        pair.client.on('data', (sent) => pair.server.write(sent));
        pair.server.on('data', (sent) => pair.client.write(sent));
        if (isolated !== undefined && [from, to].includes(isolated)) hold(pair);
      });
      ways.set(`${from} ${to}`, way);
      return Number(way.address.split(':')[1]);
    },
  });
  atEnd(() => cluster.stop());
  const servers = cluster.servers.map(({ server }) => `nats://127.0.0.1:${server.port}`);
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  atEnd(() => connection.close());
  // Without the question whether JetStream is there: nobody answers it before the servers have a leader.
  manager = await jetstreamManager(connection, { checkAPI: false, timeout: 30_000 });
  const stream = { name: 'CASE', subjects: ['case'], num_replicas: 3 };
  // A leader that has just been elected does not know of all servers, and refuses.
  await eventually(async () => (await manager.streams.add(stream)).created !== '', patient);
  await eventually(async () => (await leader()) !== undefined, patient);
}, 120_000);

function hold({ client, server }: Pair): void {
  client.pause();
  server.pause();
}

const serverOf = (name: string | undefined) => cluster.servers.find((server) => server.name === name);
const leader = async (known = cluster.servers) => (await clusterLeaders(known)).streams.get('CASE');

/** Every replica has all that the leader has. */
async function isWhole(): Promise<boolean> {
  const { cluster: members } = await manager.streams.info('CASE');
  return members?.replicas?.length === 2 && members.replicas.every(({ current }) => current);
}

test('When a cluster is started, then each server has its own way to every other one', () => {
  const names = ['1 2', '1 3', '2 1', '2 3', '3 1', '3 2'];
  expect(new Set(ways.keys())).toEqual(new Set(names.map((way) => way.replaceAll(/\d/g, 'broker-$&'))));
});

test('When the leader of a stream is killed, then another one leads, and takes it in again', async () => {
  const first = await leader();
  await serverOf(first)?.server.kill();
  await eventually(async () => ![undefined, first].includes(await leader()), patient);
  await serverOf(first)?.server.restart();
  await eventually(isWhole, patient);
}, 120_000);

test('When the ways of the leader let nothing through, then the others go on without it, until they do', async () => {
  const first = await leader();
  const others = cluster.servers.filter(({ name }) => name !== first);
  isolated = first;
  const cut = [...ways].filter(([way]) => way.split(' ').includes(first ?? ''));
  for (const [, { open }] of cut) for (const pair of open) hold(pair);
  await eventually(async () => ![undefined, first].includes(await leader(others)), patient);
  isolated = undefined;
  for (const [, { open }] of cut) {
    for (const { client, server } of open) {
      client.resume();
      server.resume();
    }
  }
  await eventually(isWhole, patient);
}, 120_000);
