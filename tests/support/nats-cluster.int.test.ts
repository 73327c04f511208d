import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { atEnd } from './at-end.ts';
import { eventually } from './eventually.ts';
import { type NatsCluster, startNatsCluster } from './nats-cluster.ts';
import { clusterLeaders } from './nats-leaders.ts';

const patient = { withinMs: 45_000, everyMs: 100 };
let cluster: NatsCluster;
/** Who reaches whom, and at which port the other one was said to be. */
const routes: string[] = [];

beforeAll(async () => {
  cluster = await startNatsCluster({
    log: () => undefined,
    async linkRoute(from, to, port) {
      routes.push(`${from} ${to}`);
      return port;
    },
  });
  atEnd(() => cluster.stop());
}, 120_000);

const urls = () => cluster.servers.map(({ server }) => `nats://127.0.0.1:${server.port}`);

test('When a cluster is started, then each server has its own way to every other one', () => {
  const ways = ['1 2', '1 3', '2 1', '2 3', '3 1', '3 2'];
  expect(new Set(routes)).toEqual(new Set(ways.map((way) => way.replaceAll(/\d/g, 'broker-$&'))));
});

test('When the leader of a stream of three replicas is killed, then another server leads, and a restarted one does not count twice', async () => {
  const connection = await connect({ servers: urls(), maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  atEnd(() => connection.close());
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'CASE', subjects: ['case'], num_replicas: 3 });
  const leader = async () => (await clusterLeaders(cluster.servers)).streams.get('CASE');
  await eventually(async () => (await leader()) !== undefined, patient);
  const first = await leader();
  const killed = cluster.servers.find(({ name }) => name === first);
  await killed?.server.kill();
  await eventually(async () => ![undefined, first].includes(await leader()), patient);
  await killed?.server.restart();
  await eventually(async () => {
    const { cluster: members } = await manager.streams.info('CASE');
    return members?.replicas?.length === 2 && members.replicas.every(({ current }) => current);
  }, patient);
}, 120_000);
