import { spawnSync } from 'node:child_process';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { brokerStreams } from '../../src/broker-streams.ts';
import { type Client, connectClient, patient } from '../conformance/broker-under-test.ts';
import { atEnd } from '../support/at-end.ts';
import { eventually } from '../support/eventually.ts';
import { type ClusterServer, findNatsServer, startCluster } from './jetstream-cluster.ts';
import { renderOverlay } from './kustomization.ts';
import { pathOf } from './repository.ts';
import { containerOf, valuesOf, workloadNamed } from './workloads.ts';

const manifests = renderOverlay('jetstream');
const container = containerOf(workloadNamed('jetstream', manifests));
const replicas = Number(valuesOf(containerOf(workloadNamed('orders', manifests)))['JETSTREAM_REPLICAS']);
const page = (probe: 'startupProbe' | 'livenessProbe' | 'readinessProbe') =>
  container[probe]?.httpGet?.path ?? '';

let binary: string;
let servers: ClusterServer[];
let client: Client;
let urls: string[];

/** The statuses of a page, one for each server. */
const statuses = (path: string) => Promise.all(servers.map(({ statusOf }) => statusOf(path)));
const are = async (path: string, wanted: (number | undefined)[]) =>
  JSON.stringify(await statuses(path)) === JSON.stringify(wanted);
const isTaken = () =>
  client.broker.publish('order:paid', '{}').then(
    () => true,
    () => false,
  );

beforeAll(async () => {
  binary = await findNatsServer();
  servers = await startCluster();
  urls = servers.map(({ server }) => `nats://127.0.0.1:${server.port}`);
  client = connectClient({ JETSTREAM_URL: urls.join() }, { streams: brokerStreams, replicas });
}, 180_000);

test.each(['infra/k8s/overlays/jetstream/nats-server.conf', 'infra/compose/nats-server.conf'])(
  'When the server reads %s, then it is a configuration',
  (path) => {
    const { status, stderr } = spawnSync(binary, ['-t', '-c', pathOf(path)], {
      env: { SERVER_NAME: 'jetstream-0' },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('is valid') });
  },
);

test('When the service starts on three such servers, then its streams are on all of them, and nothing is amiss', async () => {
  await eventually(isTaken, { ...patient, everyMs: 200 });
  const connection = await connect({ servers: urls });
  atEnd(() => connection.close());
  const manager = await jetstreamManager(connection);
  for (const { name, maxBytes } of brokerStreams) {
    const { config } = await manager.streams.info(name);
    expect(config).toMatchObject({ num_replicas: 3, max_bytes: maxBytes });
    const followers = async () => (await manager.streams.info(name)).cluster?.replicas ?? [];
    await eventually(async () => {
      const current = (await followers()).filter((follower) => follower.current);
      return current.length === 2;
    }, patient);
  }
  expect(client.broker.problems()).toEqual([]);
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const)
    await eventually(() => are(page(probe), [200, 200, 200]), patient);
}, 90_000);

test('When two of three are away, then the last one is not restarted for it, only unready; and it goes on once one is back', async () => {
  await Promise.all(servers.slice(1).map(({ server }) => server.kill()));
  await eventually(() => are(page('readinessProbe'), [503, undefined, undefined]), patient);
  expect(await statuses(page('livenessProbe'))).toEqual([200, undefined, undefined]);
  await servers[0]?.server.restart();
  // Also when it has started alone.
  expect(await statuses(page('startupProbe'))).toEqual([200, undefined, undefined]);
  expect(await statuses(page('readinessProbe'))).toEqual([503, undefined, undefined]);
  await servers[1]?.server.restart();
  await eventually(isTaken, { ...patient, everyMs: 200 });
  await servers[2]?.server.restart();
  await eventually(() => are(page('readinessProbe'), [200, 200, 200]), patient);
}, 150_000);

test('When a pod ends, then its server sends its clients away and ends by itself, whatever SIGTERM says', async () => {
  const [last] = servers.slice(-1);
  const pid = last?.server.pid ?? Number.NaN;
  const [program = '', ...args] = container.lifecycle?.preStop.exec.command ?? [];
  expect(program).toBe('/nats-server');
  const stays = await connect({ servers: urls.slice(-1), reconnect: false });
  const signal = spawnSync(
    binary,
    args.map((arg) => arg.replace(/=1$/, `=${pid}`)),
    { encoding: 'utf8' },
  );
  expect(signal).toMatchObject({ status: 0, stderr: '' });
  process.kill(pid, 'SIGTERM');
  // Not dropped by SIGTERM at once: sent away when its time has come.
  for await (const { type } of stays.status()) if (type === 'ldm') break;
  await stays.closed();
  await eventually(() => last?.server.pid === undefined, patient);
  await eventually(isTaken, { ...patient, everyMs: 200 });
}, 90_000);
