import { z } from 'zod';
import { renderOverlay } from './kustomization.ts';
import { reachOf } from './policies.ts';
import { textOf } from './repository.ts';
import { variants } from './variants.ts';
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
const route = z.looseObject({
  spec: z.strictObject({
    parentRefs: z.array(z.strictObject({ name: z.string() })),
    rules: z.array(
      z.strictObject({
        matches: z.array(z.strictObject({ path: z.strictObject({ type: z.string(), value: z.string() }) })),
        backendRefs: z.array(z.strictObject({ name: z.string(), port: z.number() })),
      }),
    ),
  }),
});

/** Where the dev overlay is to be found, written down once; the documents name it too. */
const devHost = 'ticketing.localhost';

describe.each([
  { overlay: 'dev', host: devHost, tlsHosts: [] },
  { overlay: 'prod', host: 'ticketing.example.com', tlsHosts: ['ticketing.example.com'] },
  { overlay: 'jetstream', host: 'ticketing.example.com', tlsHosts: ['ticketing.example.com'] },
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
});

test('When the host of the dev overlay is named, then it is the one of its ingress', () => {
  const named = ['docs/deploy.md', 'README.md'].flatMap(
    (path) => textOf(path).match(/ticketing\.\w+\b(?!\.)/g) ?? [],
  );
  expect(new Set(named.filter((host) => host !== 'ticketing.example'))).toEqual(new Set([devHost]));
});

describe.each(variants)('When the overlay $name is applied', ({ overlay, components, manifests }) => {
  const has = (component: string) => components.includes(component);
  const isManaged = has('managed-nats') || has('managed-jetstream');
  const ofKind = (wanted: string) => manifests.filter(({ kind }) => kind === wanted);
  const proxies = has('gateway') ? 'envoy-gateway-system' : 'ingress-nginx';
  const dns = 'namespace kube-system at 53';
  const mongo = has('managed-mongo') ? ['0.0.0.0/0 at 27017'] : ['app orders-mongo at 27017'];
  const isOnJetStream = overlay === 'jetstream';
  const natsPods = isManaged
    ? ['any pod of the namespace', '0.0.0.0/0']
    : [`app ${isOnJetStream ? 'jetstream' : 'nats'}`];
  const natsPorts = isOnJetStream ? [4222] : [4222, 8222];
  const nats = natsPods.flatMap((pods) => natsPorts.map((port) => `${pods} at ${port}`));

  test('then buyers and labelled callers reach the service at one port, and Prometheus its metrics at another', () => {
    expect(reachOf('orders', manifests)).toEqual({
      restricts: new Set(['Ingress', 'Egress']),
      from: new Set([
        'orders-client true at http',
        'namespace monitoring at probes',
        `namespace ${proxies} at http`,
      ]),
      to: new Set([dns, ...mongo, ...nats]),
    });
    const monitors = ofKind('ServiceMonitor').filter(({ metadata }) => metadata.name === 'orders');
    for (const monitor of monitors.map(({ spec }) => JSON.stringify(spec)))
      expect(monitor).toContain('"port":"probes"');
  });

  test('then what comes to and goes from everything that listens is restricted', () => {
    const listening = workloadsOf(manifests).filter((workload) => containerOf(workload).ports.length > 0);
    for (const { spec } of listening) {
      const { restricts } = reachOf(spec.template.metadata.labels['app'] ?? '', manifests);
      expect(restricts).toEqual(new Set(['Ingress', 'Egress']));
    }
  });

  test("then an operator's commands reach what the service reaches", () => {
    expect(reachOf('orders-commands', manifests)).toMatchObject({ to: new Set([dns, ...mongo, ...nats]) });
  });

  test('then the database lets in the service, its commands, its members and what is to back it up', () => {
    const apps = ['orders', 'orders-commands', 'orders-mongo', 'orders-mongo-init'];
    const from = [...apps, ...(has('backup') ? ['orders-backup'] : [])].map((app) => `app ${app} at 27017`);
    expect(reachOf('orders-mongo', manifests)).toEqual(
      has('managed-mongo')
        ? { restricts: new Set(), from: new Set(), to: new Set() }
        : {
            restricts: new Set(['Ingress', 'Egress']),
            from: new Set(from),
            to: new Set(['app orders-mongo at 27017', dns]),
          },
    );
  });

  test('then NATS Streaming, where it runs, lets in the pods of the namespace and calls nobody', () => {
    const { restricts, from, to } = reachOf('nats', manifests);
    const runs = !isOnJetStream && !isManaged;
    expect(to).toEqual(new Set());
    expect(restricts).toEqual(new Set(runs ? ['Ingress', 'Egress'] : []));
    expect(from.has('any pod of the namespace at 4222')).toBe(runs);
    expect(from.has('app orders-commands at 8222')).toBe(runs);
  });

  test('then the servers with JetStream, where they run, let in the pods of the namespace and call each other alone', () => {
    const runs = isOnJetStream && !isManaged;
    expect(reachOf('jetstream', manifests)).toEqual({
      restricts: new Set(runs ? ['Ingress', 'Egress'] : []),
      from: new Set(
        runs
          ? ['any pod of the namespace at 4222', 'app jetstream at 6222', 'namespace monitoring at 8222']
          : [],
      ),
      to: new Set(runs ? ['app jetstream at 6222', dns] : []),
    });
  });

  test('then a backup reaches the database alone, and nobody reaches it', () => {
    expect(reachOf('orders-backup', manifests)).toEqual({
      restricts: new Set(has('backup') ? ['Ingress', 'Egress'] : []),
      from: new Set(),
      to: new Set(has('backup') ? ['app orders-mongo at 27017', dns] : []),
    });
  });

  test('then one thing routes /api/orders alone: an ingress, or a route of the gateway', () => {
    expect(ofKind('Ingress')).toHaveLength(has('gateway') ? 0 : 1);
    expect(ofKind('HTTPRoute').map((manifest) => route.parse(manifest).spec)).toEqual(
      has('gateway')
        ? [
            {
              parentRefs: [{ name: 'marketplace' }],
              rules: [
                {
                  matches: [{ path: { type: 'PathPrefix', value: '/api/orders' } }],
                  backendRefs: [{ name: 'orders-srv', port: 3000 }],
                },
              ],
            },
          ]
        : [],
    );
  });
});
