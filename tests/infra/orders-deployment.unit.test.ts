import { z } from 'zod';
import { readConfig } from '../../src/config.ts';
import { shutdownParts } from '../../src/shutdown.ts';
import { knownVariables } from './configuration.ts';
import { type Manifest, renderOverlay } from './kustomization.ts';
import { textOf } from './repository.ts';
import { variants } from './variants.ts';
import { type Container, containerOf, quantity, valuesOf, workloadNamed } from './workloads.ts';

const autoscaler = z.looseObject({
  spec: z.looseObject({
    minReplicas: z.number(),
    maxReplicas: z.number(),
    metrics: z.tuple([z.looseObject({ resource: z.looseObject({}) })]),
  }),
});

function autoscalerOf(manifests: Manifest[]) {
  return autoscaler.parse(manifests.find(({ kind }) => kind === 'HorizontalPodAutoscaler')).spec;
}

const natsStreaming = ['NATS_URL', 'NATS_CLUSTER_ID'];

describe.each([
  { overlay: 'dev', members: 1, broker: natsStreaming },
  { overlay: 'prod', members: 3, broker: natsStreaming },
  { overlay: 'jetstream', members: 3, broker: ['JETSTREAM_URL', 'JETSTREAM_REPLICAS'] },
])('When the overlay $overlay is applied', ({ overlay, members, broker }) => {
  const manifests = renderOverlay(overlay);
  const orders = workloadNamed('orders', manifests);
  const pod = orders.spec.template.spec;
  const container = containerOf(orders);
  const values = valuesOf(container);
  const variable = (wanted: string) => container.env.find(({ name }) => name === wanted);

  test('then the service gets no variable that it does not know', () => {
    const names = container.env.map(({ name }) => name);
    expect(names.filter((name) => ![...knownVariables, 'NODE_OPTIONS'].includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('then its client ID, where the broker wants one, is its pod, and its key comes from the secret', () => {
    const pod = { fieldRef: { fieldPath: 'metadata.name' } };
    expect(variable('NATS_CLIENT_ID')?.valueFrom).toEqual(broker === natsStreaming ? pod : undefined);
    expect(variable('JWT_KEY')?.valueFrom).toEqual({ secretKeyRef: { name: 'jwt-secret', key: 'JWT_KEY' } });
  });

  test('then its grace is longer than all its parts together may take to stop', () => {
    const all = Object.values(shutdownParts).reduce((sum, { limitMs }) => sum + limitMs, 0);
    expect(Number(values['SHUTDOWN_GRACE_SECONDS']) * 1_000).toBeGreaterThanOrEqual(all + 4_000);
  });

  test('then it is killed only after it had its delay and its grace', () => {
    const needed = Number(values['SHUTDOWN_DELAY_SECONDS']) + Number(values['SHUTDOWN_GRACE_SECONDS']);
    expect(container.lifecycle).toBeUndefined();
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(needed);
  });

  test('then it is probed where it serves', () => {
    expect(container.ports).toEqual([
      { name: 'http', containerPort: Number(values['PORT']) },
      { name: 'probes', containerPort: Number(values['PROBES_PORT']) },
    ]);
    expect(container.startupProbe?.httpGet).toEqual({ path: '/healthz', port: 'probes' });
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'probes' });
    expect(container.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'probes' });
  });

  test('then the startup probe allows all of the wait for the database, and five minutes for indexes', () => {
    const { periodSeconds, failureThreshold } = z
      .looseObject({ periodSeconds: z.number(), failureThreshold: z.number() })
      .parse(container.startupProbe);
    expect(Number(values['START_TIMEOUT_SECONDS'])).toBe(300);
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(300 + 300);
  });

  test('then there are at least two replicas, over zones and nodes where that can be, and only the autoscaler counts them', () => {
    const { minReplicas, maxReplicas } = autoscalerOf(manifests);
    expect(minReplicas).toBeGreaterThanOrEqual(2);
    expect(maxReplicas).toBeGreaterThan(minReplicas);
    expect(orders.spec.replicas).toBeUndefined();
    const spread = { maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' };
    expect(pod.topologySpreadConstraints).toEqual([
      expect.objectContaining({ topologyKey: 'topology.kubernetes.io/zone', ...spread }),
      expect.objectContaining({ topologyKey: 'kubernetes.io/hostname', ...spread }),
    ]);
  });

  test('then a replica is added at 0.7 core of each, as scaling.md counts', () => {
    const [{ resource }] = autoscalerOf(manifests).metrics;
    expect(resource).toEqual({ name: 'cpu', target: { type: 'AverageValue', averageValue: '700m' } });
    expect(textOf('docs/scaling.md')).toContain('0.7 core');
  });

  test('then the heap, what is beside it and a command have room in the memory limit', () => {
    const bounds = /^--max-old-space-size=(\d+) --max-semi-space-size=(\d+)$/;
    const [, heap, half] = bounds.exec(values['NODE_OPTIONS'] ?? '') ?? [];
    const young = 2 * Number(half);
    // Measured, docs/scaling.md "Memory".
    const [besideTheHeap, command] = [86, 90];
    const limit = quantity(container.resources.limits['memory'] ?? '') / 2 ** 20;
    expect(Number(heap) + young + besideTheHeap + command).toBeLessThanOrEqual(limit);
    for (const size of [Number(heap), young]) expect(textOf('docs/scaling.md')).toContain(`${size} MiB`);
  });

  test('then a drained node can let go of pods that are not ready', () => {
    const budget = manifests.find(
      ({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === 'orders',
    );
    expect(budget?.['spec']).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  });

  test('then its commands have its image, and its database and broker', () => {
    const commands = containerOf(workloadNamed('orders-commands', manifests));
    expect(commands.image).toBe(container.image);
    expect(container.env).toEqual(expect.arrayContaining(commands.env));
    expect(new Set(commands.env.map(({ name }) => name))).toEqual(new Set(['MONGO_URI', ...broker]));
  });

  test('then it knows the members of the replica set that runs, and that the job initiates', () => {
    const mongo = workloadNamed('orders-mongo', manifests);
    const job = valuesOf(containerOf(workloadNamed('orders-mongo-init', manifests)));
    const hosts = Array.from(
      { length: mongo.spec.replicas ?? 0 },
      (_, number) => `orders-mongo-${number}.${mongo.spec.serviceName}:27017`,
    );
    expect(hosts).toHaveLength(members);
    expect(job['REPLICA_SET_HOSTS']).toBe(hosts.join(','));
    expect(values['MONGO_URI']).toBe(`mongodb://${hosts.join(',')}/orders?replicaSet=${job['REPLICA_SET']}`);
    expect(containerOf(mongo).args.join(' ')).toContain(`--replSet ${job['REPLICA_SET']}`);
  });
});

/** What a pod may find in the secrets that the documents name. What is optional is left out. */
const secrets: Record<string, string> = {
  JWT_KEY: 'the key',
  MONGO_URI: 'mongodb+srv://user:password@example.com/orders',
  NATS_URL: 'nats://nats-srv:4222',
  NATS_CLUSTER_ID: 'ticketing',
  JETSTREAM_URL: 'tls://connect.example.com:4222',
};

/** The environment of the process. @throws when a variable that it needs has no value */
function environmentOf({ env }: Container): Record<string, string> {
  const given = env.filter(({ valueFrom }) => !valueFrom?.secretKeyRef?.optional);
  return Object.fromEntries(
    given.map(({ name, value, valueFrom }) => {
      const found =
        value ?? (valueFrom?.fieldRef ? 'orders-7d9f' : secrets[valueFrom?.secretKeyRef?.key ?? '']);
      if (found === undefined) throw new Error(`no value for ${name}`);
      return [name, found];
    }),
  );
}

describe.each(variants)('When the overlay $name is applied', ({ overlay, components, manifests }) => {
  const envOf = (name: string) => containerOf(workloadNamed(name, manifests)).env;
  const secret = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });
  const onJetStream = overlay === 'jetstream';

  test('then the service takes its configuration, and has one broker', () => {
    const { nats, jetstream } = readConfig(environmentOf(containerOf(workloadNamed('orders', manifests))));
    expect([nats === undefined, jetstream === undefined]).toEqual([onJetStream, !onJetStream]);
    if (jetstream) expect(jetstream.replicas).toBe(3);
  });

  test.each(['orders', 'orders-commands'])('then %s finds database and broker where they are', (name) => {
    const variable = (wanted: string) => envOf(name).find((one) => one.name === wanted);
    if (components.includes('managed-mongo'))
      expect(variable('MONGO_URI')).toEqual({
        name: 'MONGO_URI',
        ...secret('orders-mongo-uri', 'MONGO_URI'),
      });
    else expect(variable('MONGO_URI')?.value).toContain('orders-mongo-0.orders-mongo-srv:27017');
    const [keys, from] = onJetStream
      ? [['JETSTREAM_URL'], 'orders-jetstream']
      : [natsStreaming, 'orders-nats'];
    const isManaged = components.some((component) => /^managed-(nats|jetstream)$/.test(component));
    for (const key of keys) {
      if (isManaged) expect(variable(key)).toEqual({ name: key, ...secret(from, key) });
      else expect(variable(key)?.value).toBeDefined();
    }
  });

  if (components.includes('managed-jetstream')) {
    test.each(['orders', 'orders-commands'])(
      'then %s may have a file of credentials and one of certificates, in the same secret',
      (name) => {
        const workload = workloadNamed(name, manifests);
        const secretVolume = { name: 'jetstream', secret: { secretName: 'orders-jetstream' } };
        expect(workload.spec.template.spec.volumes).toEqual([secretVolume]);
        const [mount] = containerOf(workload).volumeMounts;
        for (const file of ['user.creds', 'ca.crt'])
          expect(textOf('docs/deploy.md')).toContain(`_FILE=${mount?.mountPath}/${file}`);
        const optional = envOf(name).filter(
          ({ valueFrom }) => valueFrom?.secretKeyRef?.name === 'orders-jetstream',
        );
        expect(
          optional.filter(({ valueFrom }) => valueFrom?.secretKeyRef?.optional).map((one) => one.name),
        ).toEqual(['JETSTREAM_CREDS_FILE', 'JETSTREAM_CA_FILE']);
      },
    );
  }
});
