import { manifestsOf } from './kustomization.ts';
import { schemaProblems } from './manifest-schemas.ts';
import { textOf } from './repository.ts';
import { variants } from './variants.ts';

describe.each(variants)('When the overlay $name is rendered', ({ manifests }) => {
  test('then every manifest is valid by the schema of its kind', () => {
    expect(manifests.flatMap(schemaProblems)).toEqual([]);
  });

  test('then no two manifests are the same object', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('When a manifest is broken, then the problem and its path are reported:', () => {
  const deployment = textOf('infra/k8s/base/orders.yaml');
  const problems = (broken: string): string[] => manifestsOf(broken).flatMap(schemaProblems);

  test.each([
    [
      'a misspelt field',
      'periodSeconds: 10',
      'periodSecond: 10',
      /livenessProbe must NOT have .* periodSecond$/,
    ],
    [
      'a field at the wrong depth',
      '  selector:\n    matchLabels',
      '  matchLabels',
      /required property 'selector'/,
    ],
    ['text for a number', 'containerPort: 3000', 'containerPort: "3000"', /containerPort must be integer/],
    ['a number for text', 'value: "900"', 'value: 900', /env\/10\/value must be string/],
    ['an empty field', 'type: RuntimeDefault', 'type:', /seccompProfile\/type must be string/],
    ['an API version that is gone', 'autoscaling/v2', 'autoscaling/v2beta2', /v2beta2.*no schema/],
  ])('%s', (_, right, wrong, expected) => {
    expect(deployment).toContain(right);
    expect(problems(deployment.replace(right, wrong))).toEqual(
      expect.arrayContaining([expect.stringMatching(expected)]),
    );
  });

  test('a misspelt field of the HTTPRoute', () => {
    const route = textOf('infra/k8s/components/gateway/http-route.yaml');
    expect(problems(route.replace('backendRefs:', 'backendRef:'))).toEqual([
      expect.stringMatching(/must NOT have .* backendRef$/),
    ]);
  });

  test('a misspelt field of the ServiceMonitor', () => {
    const monitor = textOf('infra/k8s/monitoring/orders-service-monitor.yaml');
    expect(problems(monitor.replace('endpoints:', 'endpoint:'))).toEqual(
      expect.arrayContaining([expect.stringMatching(/must NOT have .* endpoint$/)]),
    );
  });
});
