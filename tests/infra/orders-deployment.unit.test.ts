import { z } from 'zod';
import { shutdownLimits } from '../../src/shutdown.ts';
import { knownVariables, requiredVariables } from './configuration.ts';
import { renderOverlay } from './kustomization.ts';
import { containerOf, valuesOf, workloadNamed } from './workloads.ts';

describe.each([
  { overlay: 'dev', members: 1 },
  { overlay: 'prod', members: 3 },
])('When the overlay $overlay is applied', ({ overlay, members }) => {
  const manifests = renderOverlay(overlay);
  const orders = workloadNamed('orders', manifests);
  const pod = orders.spec.template.spec;
  const container = containerOf(orders);
  const values = valuesOf(container);
  const variable = (wanted: string) => container.env.find(({ name }) => name === wanted);

  test('then the service gets every variable that it needs, and none that it does not know', () => {
    const names = container.env.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...requiredVariables]));
    expect(names.filter((name) => !knownVariables.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('then its client ID is its pod, and its key comes from the secret', () => {
    expect(variable('NATS_CLIENT_ID')?.valueFrom).toEqual({ fieldRef: { fieldPath: 'metadata.name' } });
    expect(variable('JWT_KEY')?.valueFrom).toEqual({ secretKeyRef: { name: 'jwt-secret', key: 'JWT_KEY' } });
  });

  test('then its grace is longer than all its parts together may take to stop', () => {
    const all = Object.values(shutdownLimits).reduce((sum, limit) => sum + limit, 0);
    expect(Number(values['SHUTDOWN_GRACE_SECONDS']) * 1_000).toBeGreaterThanOrEqual(all + 4_000);
  });

  test('then it is killed only after it had its delay and its grace', () => {
    const preStop = container.lifecycle?.preStop.sleep.seconds ?? 0;
    const needed =
      preStop + Number(values['SHUTDOWN_DELAY_SECONDS']) + Number(values['SHUTDOWN_GRACE_SECONDS']);
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

  test('then it gives up its database before the startup probe gives it up', () => {
    const { periodSeconds, failureThreshold } = z
      .looseObject({ periodSeconds: z.number(), failureThreshold: z.number() })
      .parse(container.startupProbe);
    expect(Number(values['START_TIMEOUT_SECONDS'])).toBeLessThan(periodSeconds * failureThreshold);
  });

  test('then there are two replicas at least, on different nodes, and only the autoscaler counts them', () => {
    const autoscaler = z
      .looseObject({ spec: z.looseObject({ minReplicas: z.number(), maxReplicas: z.number() }) })
      .parse(manifests.find(({ kind }) => kind === 'HorizontalPodAutoscaler'));
    expect(autoscaler.spec.minReplicas).toBeGreaterThanOrEqual(2);
    expect(autoscaler.spec.maxReplicas).toBeGreaterThan(autoscaler.spec.minReplicas);
    expect(orders.spec.replicas).toBeUndefined();
    expect(pod.topologySpreadConstraints).toEqual([
      expect.objectContaining({ topologyKey: 'kubernetes.io/hostname', maxSkew: 1 }),
    ]);
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
