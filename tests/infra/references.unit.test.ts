import { z } from 'zod';
import type { Manifest } from './kustomization.ts';
import { variants } from './variants.ts';
import { containerOf, workloadNamed, workloadsOf } from './workloads.ts';

const appLabel = z.object({ app: z.string() });
const service = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    selector: appLabel,
    ports: z.array(z.object({ name: z.string(), port: z.number(), targetPort: z.string() })),
  }),
});
const disruptionBudget = z.looseObject({
  spec: z.looseObject({ selector: z.object({ matchLabels: appLabel }) }),
});
const autoscaler = z.looseObject({
  spec: z.looseObject({ scaleTargetRef: z.object({ kind: z.string(), name: z.string() }) }),
});

describe.each(variants)('When the overlay $name is applied', ({ manifests }) => {
  const ofKind = (wanted: string) => manifests.filter(({ kind }) => kind === wanted);
  const apps = workloadsOf(manifests).map(({ spec }) => spec.template.metadata.labels['app']);

  test('then every service finds pods, and every port of it a named port there', () => {
    for (const { spec } of ofKind('Service').map((manifest) => service.parse(manifest))) {
      expect(apps).toContain(spec.selector.app);
      const pods = workloadsOf(manifests).filter(
        ({ spec: { template } }) => template.metadata.labels['app'] === spec.selector.app,
      );
      const ports = pods.flatMap((workload) => containerOf(workload).ports.map(({ name }) => name));
      expect(ports).toEqual(expect.arrayContaining(spec.ports.map(({ targetPort }) => targetPort)));
    }
  });

  test('then every stateful set has its service', () => {
    const services = ofKind('Service').map(({ metadata }) => metadata.name);
    const wanted = workloadsOf(manifests).flatMap(({ spec }) => spec.serviceName ?? []);
    expect(services).toEqual(expect.arrayContaining(wanted));
  });

  test('then every probe asks a port that the container names', () => {
    for (const container of workloadsOf(manifests).map(containerOf)) {
      const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe];
      const asked = probes.flatMap((probe) => probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? []);
      expect(container.ports.map(({ name }) => name)).toEqual(expect.arrayContaining(asked));
    }
  });

  test('then every configuration file that is mounted is there', () => {
    const configMaps = ofKind('ConfigMap').map(({ metadata }) => metadata.name);
    const mounted = workloadsOf(manifests).flatMap(({ spec }) =>
      spec.template.spec.volumes.flatMap(({ configMap }) => configMap?.name ?? []),
    );
    expect(new Set(configMaps)).toEqual(new Set(mounted));
  });

  test('then every claim that is mounted is there', () => {
    const claims = ofKind('PersistentVolumeClaim').map(({ metadata }) => metadata.name);
    const mounted = workloadsOf(manifests).flatMap(({ spec }) =>
      spec.template.spec.volumes.flatMap(
        ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
      ),
    );
    expect(new Set(claims)).toEqual(new Set(mounted));
  });

  test('then every host that a variable names is a service of it', () => {
    const services = ofKind('Service').map(({ metadata }) => metadata.name);
    const variables = workloadsOf(manifests).flatMap((workload) => containerOf(workload).env);
    const hosts = variables.flatMap(({ value = '' }) => [...value.matchAll(/[\w.-]+-srv/g)].flat());
    const named = hosts.map((host) => host.split('.').at(-1));
    expect(services).toEqual(expect.arrayContaining(named));
  });

  test('then every disruption budget and the autoscaler have their pods', () => {
    for (const { spec } of ofKind('PodDisruptionBudget').map((manifest) =>
      disruptionBudget.parse(manifest),
    )) {
      expect(apps).toContain(spec.selector.matchLabels.app);
    }
    for (const { spec } of ofKind('HorizontalPodAutoscaler').map((manifest) => autoscaler.parse(manifest))) {
      expect(workloadNamed(spec.scaleTargetRef.name, manifests).kind).toBe(spec.scaleTargetRef.kind);
    }
  });

  test('then every label "app" that a network policy or a monitor names is one that pods have', () => {
    const selecting = [...ofKind('NetworkPolicy'), ...ofKind('ServiceMonitor')];
    expect(apps).toEqual(expect.arrayContaining(selecting.flatMap(appsNamedIn)));
  });
});

function appsNamedIn(manifest: Manifest): string[] {
  const text = JSON.stringify(manifest['spec']);
  const single = [...text.matchAll(/"app":"([^"]+)"/g)].map(([, app = '']) => app);
  const lists = [...text.matchAll(/"key":"app","operator":"In","values":(\[[^\]]*\])/g)];
  return [...single, ...lists.flatMap(([, list = '[]']) => z.array(z.string()).parse(JSON.parse(list)))];
}
