import { z } from 'zod';
import { renderOverlay } from './kustomization.ts';
import { containerOf, workloadsOf } from './workloads.ts';

const ingress = z.looseObject({
  spec: z.strictObject({
    ingressClassName: z.string(),
    tls: z.array(z.looseObject({ hosts: z.array(z.string()) })).default([]),
    rules: z.array(
      z.strictObject({
        host: z.string(),
        http: z.strictObject({
          paths: z.array(
            z.strictObject({
              path: z.string(),
              pathType: z.string(),
              backend: z.object({ service: z.object({ name: z.string() }) }),
            }),
          ),
        }),
      }),
    ),
  }),
});
const networkPolicy = z.looseObject({
  spec: z.looseObject({
    podSelector: z.object({ matchLabels: z.object({ app: z.string() }) }),
    policyTypes: z.array(z.string()),
  }),
});

const ingressRules = z.looseObject({
  ingress: z.array(
    z.object({
      from: z.array(
        z.object({ namespaceSelector: z.object({ matchLabels: z.record(z.string(), z.string()) }) }),
      ),
      ports: z.array(z.object({ port: z.string() })),
    }),
  ),
});

describe.each([
  { overlay: 'dev', host: 'ticketing.dev', tlsHosts: [] },
  { overlay: 'prod', host: 'ticketing.example.com', tlsHosts: ['ticketing.example.com'] },
])('When the overlay $overlay is applied', ({ overlay, host, tlsHosts }) => {
  const manifests = renderOverlay(overlay);
  const ofKind = (wanted: string) => manifests.filter(({ kind }) => kind === wanted);

  test('then the ingress routes /api/orders of its host, and so neither the metrics nor the probes', () => {
    const [only, ...others] = ofKind('Ingress').map((manifest) => ingress.parse(manifest).spec);
    expect(others).toEqual([]);
    expect(only?.ingressClassName).toBe('nginx');
    expect(only?.tls.flatMap(({ hosts }) => hosts)).toEqual(tlsHosts);
    expect(only?.rules).toEqual([
      {
        host,
        http: {
          paths: [
            {
              path: '/api/orders',
              pathType: 'Prefix',
              backend: { service: { name: 'orders-srv' } },
            },
          ],
        },
      },
    ]);
  });

  test('then no service is reachable from outside the cluster but through the ingress', () => {
    const types = ofKind('Service').map(
      (manifest) => z.looseObject({ type: z.string().optional() }).parse(manifest['spec']).type,
    );
    expect(types.filter((type) => type !== undefined && type !== 'ClusterIP')).toEqual([]);
  });

  test('then buyers reach the service at one port, and Prometheus its metrics at another', () => {
    const allowed = ofKind('NetworkPolicy')
      .filter(({ metadata }) => metadata.name === 'orders')
      .flatMap(({ spec }) => ingressRules.parse(spec).ingress)
      .map(({ from, ports }) => [
        from.map(({ namespaceSelector }) => namespaceSelector.matchLabels['kubernetes.io/metadata.name']),
        ports.map(({ port }) => port),
      ]);
    expect(allowed).toEqual([
      [['ingress-nginx'], ['http']],
      [['monitoring'], ['probes']],
    ]);
    const monitors = ofKind('ServiceMonitor').filter(({ metadata }) => metadata.name === 'orders');
    for (const monitor of monitors.map(({ spec }) => JSON.stringify(spec)))
      expect(monitor).toContain('"port":"probes"');
  });

  test('then what comes to and goes from everything that listens is restricted', () => {
    const listening = workloadsOf(manifests)
      .filter((workload) => containerOf(workload).ports.length > 0)
      .map(({ spec }) => spec.template.metadata.labels['app']);
    const policies = ofKind('NetworkPolicy').map((manifest) => networkPolicy.parse(manifest).spec);
    const apps = policies.map(({ podSelector }) => podSelector.matchLabels.app);
    expect(new Set(apps)).toEqual(new Set(listening));
    for (const { policyTypes } of policies) expect(policyTypes).toEqual(['Ingress', 'Egress']);
  });
});
