import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { documentedOverlays } from './documented-overlay.ts';
import {
  identityOf,
  type Manifest,
  manifestsOf,
  renderKustomization,
  renderOverlay,
} from './kustomization.ts';
import { schemaProblems } from './manifest-schemas.ts';
import { pathOf } from './repository.ts';
import { variants } from './variants.ts';

const renderers: [string, string[]][] = [
  ['kubectl', ['kustomize']],
  ['kustomize', ['build']],
];
const installed = renderers.find(
  ([program]) => spawnSync(program, ['version', '--client']).error === undefined,
);

function ordered(manifests: Manifest[]): Manifest[] {
  return manifests.toSorted((one, other) => identityOf(one).localeCompare(identityOf(other)));
}

/** What the installed program makes of a kustomization that lies among the overlays. */
function renderedBy([program, verb]: [string, string[]], kustomization: unknown): Manifest[] {
  const copy = mkdtempSync(join(tmpdir(), 'orders-kustomize-'));
  try {
    cpSync(pathOf('infra/k8s'), copy, { recursive: true });
    const folder = join(copy, 'overlays/on-top');
    mkdirSync(folder);
    writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
    const { stdout, stderr } = spawnSync(program, [...verb, folder], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return manifestsOf(stdout);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

describe.each([
  ['dev', 'nats'],
  ['prod', 'nats'],
  ['jetstream', 'jetstream'],
])('When the overlay %s is rendered', (overlay, broker) => {
  test('then the service, its database, the broker and the ingress are there', () => {
    expect(renderOverlay(overlay).map(identityOf)).toEqual(
      expect.arrayContaining([
        'apps/v1/Deployment/orders',
        'apps/v1/StatefulSet/orders-mongo',
        `apps/v1/StatefulSet/${broker}`,
        'networking.k8s.io/v1/Ingress/orders',
      ]),
    );
  });
});

if (installed) {
  test.each(variants)(
    `When the overlay $name is rendered by ${installed[0]}, then it is the same`,
    (variant) => {
      const resources = [`../${variant.overlay}`];
      const components = variant.components.map((name) => `../../components/${name}`);
      const rendered = renderedBy(installed, { kind: 'Kustomization', resources, components });
      expect(ordered(variant.manifests)).toEqual(ordered(rendered));
    },
  );

  test.each(documentedOverlays())(
    `When the overlay of "$section" is rendered by ${installed[0]}, then it is the same`,
    ({ kustomization }) => {
      const own = renderKustomization(kustomization, 'infra/k8s/overlays/on-top');
      expect(ordered(own)).toEqual(ordered(renderedBy(installed, kustomization)));
    },
  );
}

test('When the documents show overlays, then each renders to valid manifests', () => {
  const overlays = documentedOverlays();
  expect(overlays.map(({ section }) => section)).toEqual(['Your own overlay', 'Ingress or Gateway']);
  const manifests = overlays.map(({ kustomization }) =>
    renderKustomization(kustomization, 'infra/k8s/overlays/on-top'),
  );
  expect(manifests.flat().flatMap(schemaProblems)).toEqual([]);
  const [own, gateway] = manifests.map((each) => JSON.stringify(each));
  for (const changed of ['tickets.example.com', 'tickets-tls', '192.0.2.0/24', '10.8.0.0/14'])
    expect(own).toContain(changed);
  expect(own).not.toContain('PrometheusRule');
  for (const changed of ['{"name":"shop"}', 'istio-ingress']) expect(gateway).toContain(changed);
});
