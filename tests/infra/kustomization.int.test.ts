import { spawnSync } from 'node:child_process';
import { identityOf, type Manifest, manifestsOf, renderOverlay } from './kustomization.ts';
import { pathOf } from './repository.ts';

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

describe.each(['dev', 'prod'])('When the overlay %s is rendered', (overlay) => {
  test('then the service, its database, the broker and the ingress are there', () => {
    expect(renderOverlay(overlay).map(identityOf)).toEqual(
      expect.arrayContaining([
        'apps/v1/Deployment/orders',
        'apps/v1/StatefulSet/orders-mongo',
        'apps/v1/StatefulSet/nats',
        'networking.k8s.io/v1/Ingress/orders',
      ]),
    );
  });

  if (installed) {
    const [program, verb] = installed;
    test(`then ${program} renders the same`, () => {
      const { stdout, stderr } = spawnSync(program, [...verb, pathOf(`infra/k8s/overlays/${overlay}`)], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(ordered(renderOverlay(overlay))).toEqual(ordered(manifestsOf(stdout)));
    });
  }
});
