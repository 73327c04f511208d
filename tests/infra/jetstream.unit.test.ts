import { natsServer } from '../../dev/embedded/nats-binary.ts';
import { brokerStreams } from '../../src/broker-streams.ts';
import { composeServices } from './compose.ts';
import { podNames, serverConfig } from './jetstream-cluster.ts';
import { manifestsOf, renderOverlay } from './kustomization.ts';
import { textOf } from './repository.ts';
import { argumentsOf, containerOf, quantity, valuesOf, workloadNamed } from './workloads.ts';

const gibibyte = 1024 ** 3;
const bytesOfStreams = brokerStreams.reduce((sum, { maxBytes }) => sum + maxBytes, 0);

/** The one value of a setting. @throws when there is none, or more than one */
function setting(config: string, name: string): string {
  const found = [...config.matchAll(new RegExp(`^ *${name}: (\\S+)$`, 'gm'))].map(([, value]) => value ?? '');
  const [value, ...others] = found;
  if (value === undefined || others.length > 0) throw new Error(`${name} is there ${found.length} times`);
  return value;
}

const seconds = (text: string) => Number(/^(\d+)s$/.exec(text)?.[1]);
/** As the server reads it: https://docs.nats.io/running-a-nats-service/configuration, a GB is a GiB. */
const gigabytes = (text: string) => Number(/^(\d+)GB$/.exec(text)?.[1]) * gibibyte;

describe('When the overlay jetstream is applied', () => {
  const manifests = renderOverlay('jetstream');
  const jetstream = workloadNamed('jetstream', manifests);
  const container = containerOf(jetstream);
  const pod = jetstream.spec.template.spec;
  const specOf = (kind: string, name: string) =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)?.['spec'];
  const { JETSTREAM_URL, JETSTREAM_REPLICAS } = valuesOf(containerOf(workloadNamed('orders', manifests)));

  test('then the service knows the servers that run, each message is on all, and they know each other', () => {
    const hosts = podNames().map((name) => `nats://${name}.${jetstream.spec.serviceName}`);
    expect(hosts).toHaveLength(3);
    expect(JETSTREAM_URL).toBe(hosts.map((host) => `${host}:4222`).join());
    expect(Number(JETSTREAM_REPLICAS)).toBe(hosts.length);
    const routes = [...serverConfig.matchAll(/^ +(nats:\S+)$/gm)].map(([, route]) => route);
    expect(routes).toEqual(hosts.map((host) => `${host}:6222`));
    expect(container.env).toContainEqual({
      name: setting(serverConfig, 'server_name').slice(1),
      valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
    });
  });

  test('then its servers are of the release that is tested, and read the configuration', () => {
    expect(container.image).toBe(`${natsServer.image}:${natsServer.version}`);
    expect(argumentsOf(container)).toEqual(['--config', '/config/nats-server.conf']);
    expect(pod.volumes).toEqual([{ name: 'config', configMap: { name: 'jetstream' } }]);
    expect(container.volumeMounts).toEqual([
      { name: 'config', mountPath: '/config' },
      { name: 'data', mountPath: setting(serverConfig, 'store_dir') },
    ]);
    const ports = container.ports.map(({ containerPort }) => `port: ${containerPort}`);
    expect(ports).toEqual(['port: 4222', 'port: 6222', 'port: 8222']);
    for (const port of ports) expect(serverConfig).toContain(port);
  });

  test('then what is acknowledged is on the disks, which have room for twice what the streams may hold', () => {
    expect(setting(serverConfig, 'sync_interval')).toBe('always');
    expect(setting(serverConfig, 'max_memory_store')).toBe('0');
    const store = gigabytes(setting(serverConfig, 'max_file_store'));
    expect(store).toBeGreaterThanOrEqual(2 * bytesOfStreams);
    const [volume] = jetstream.spec.volumeClaimTemplates;
    expect(quantity(volume?.spec.resources.requests.storage ?? '')).toBeGreaterThanOrEqual(1.5 * store);
  });

  test('then one server at a time may be away, and no two are on one node', () => {
    expect(jetstream.spec).toMatchObject({ podManagementPolicy: 'Parallel' });
    expect(specOf('Service', 'jetstream-srv')).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
    });
    // Pods that are not ready keep the others from being evicted, which `AlwaysAllow` would let go.
    expect(specOf('PodDisruptionBudget', 'jetstream')).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: { app: 'jetstream' } },
    });
    expect(pod.topologySpreadConstraints).toContainEqual(
      expect.objectContaining({
        topologyKey: 'kubernetes.io/hostname',
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
      }),
    );
  });

  test('then a server is killed only after its clients had their time to leave', () => {
    const [grace, duration] = ['lame_duck_grace_period', 'lame_duck_duration'].map((name) =>
      seconds(setting(serverConfig, name)),
    );
    expect(grace).toBeLessThan(duration ?? 0);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(20 + (duration ?? Number.NaN));
  });

  test("then the server's runtime has a bound below the memory limit", () => {
    const bound = /^(\d+)MiB$/.exec(valuesOf(container)['GOMEMLIMIT'] ?? '')?.[1];
    const limit = quantity(container.resources.limits['memory'] ?? '');
    expect(Number(bound) * 1024 ** 2).toBeLessThan(0.9 * limit);
  });

  test('then the move names its servers, and what it has applied before the service changes over', () => {
    const page = textOf('docs/moving-to-jetstream.md');
    expect(page).toContain(`JETSTREAM_REPLICAS=${JETSTREAM_REPLICAS} \\\n  JETSTREAM_URL=${JETSTREAM_URL}\n`);
    const folder = 'infra/k8s/overlays/jetstream';
    const [, files = ''] = /^ *kubectl apply (.*)$/m.exec(page) ?? [];
    expect(files.split(' ')).toEqual([
      '-f',
      `${folder}/jetstream.yaml`,
      '-f',
      `${folder}/network-policy.yaml`,
    ]);
    expect(page).toContain(`create configmap jetstream --save-config --from-file=${folder}/nats-server.conf`);
    // Not as patches of what the overlays below have: they are applied alone.
    const alone = files.split(' -f ').flatMap((file) => manifestsOf(textOf(file.replace('-f ', ''))));
    for (const manifest of alone) expect(manifests).toContainEqual(manifest);
    expect(alone).toContainEqual(
      expect.objectContaining({
        metadata: { name: 'orders-to-jetstream' },
        spec: {
          podSelector: {
            matchExpressions: [{ key: 'app', operator: 'In', values: ['orders', 'orders-commands'] }],
          },
          policyTypes: ['Egress'],
          egress: [{ to: [{ podSelector: { matchLabels: { app: 'jetstream' } } }], ports: [{ port: 4222 }] }],
        },
      }),
    );
  });

  test('then no alert waits for what only NATS Streaming has', () => {
    const names = manifests.map(({ metadata }) => metadata.name);
    expect(names.filter((name) => name.startsWith('nats'))).toEqual([]);
  });
});

describe('When compose runs JetStream', () => {
  const { jetstream } = composeServices();
  const config = textOf('infra/compose/nats-server.conf');

  test('then it is the server of the cluster, with a store on a volume that has room for the streams', () => {
    expect(jetstream.image).toBe(containerOf(workloadNamed('jetstream', renderOverlay('jetstream'))).image);
    expect(jetstream.command).toEqual(['--config', '/config/nats-server.conf']);
    expect(jetstream.volumes).toEqual([
      'jetstream-data:/data',
      './infra/compose/nats-server.conf:/config/nats-server.conf:ro',
    ]);
    expect(setting(config, 'store_dir')).toBe('/data');
    expect(setting(config, 'sync_interval')).toBe('always');
    expect(gigabytes(setting(config, 'max_file_store'))).toBeGreaterThanOrEqual(2 * bytesOfStreams);
  });
});
