import { z } from 'zod';
import { renderOverlay } from './kustomization.ts';

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

  test('then what comes to and goes from the service, its database and the broker is restricted', () => {
    const policies = ofKind('NetworkPolicy').map((manifest) => networkPolicy.parse(manifest).spec);
    const apps = policies.map(({ podSelector }) => podSelector.matchLabels.app);
    expect(new Set(apps)).toEqual(new Set(['orders', 'orders-mongo', 'nats']));
    for (const { policyTypes } of policies) expect(policyTypes).toEqual(['Ingress', 'Egress']);
  });
});
