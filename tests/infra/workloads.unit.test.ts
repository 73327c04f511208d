import { variants } from './variants.ts';
import { containerOf, quantity, workloadsOf } from './workloads.ts';

describe.each(variants)('When the overlay $name is applied', ({ manifests }) => {
  test('then no secret is in it, only references to secrets', () => {
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const variables = workloadsOf(manifests).flatMap((workload) => containerOf(workload).env);
    const secrets = variables.filter(({ name }) => /KEY|SECRET|PASSWORD|TOKEN/.test(name));
    expect(secrets.map(({ value }) => value)).toEqual(secrets.map(() => undefined));
    expect(variables.filter(({ value }) => value && /\/\/[^/]*@/.test(value))).toEqual([]);
  });

  test('then a variable has a value or a source: the API server refuses both, and nothing is the empty one', () => {
    const variables = workloadsOf(manifests).flatMap((workload) => containerOf(workload).env);
    const given = ({ value, valueFrom }: (typeof variables)[number]) => [value, valueFrom].filter(Boolean);
    expect(variables.filter((variable) => given(variable).length !== 1)).toEqual([]);
  });

  describe.each(workloadsOf(manifests).map((workload) => [workload.metadata.name, workload] as const))(
    'then the pods of %s',
    (_, workload) => {
      const pod = workload.spec.template.spec;
      const container = containerOf(workload);

      test('run as a numeric user that is not root, without capabilities, on a read-only root', () => {
        expect(pod.securityContext).toMatchObject({
          runAsNonRoot: true,
          runAsUser: expect.any(Number),
          seccompProfile: { type: 'RuntimeDefault' },
        });
        expect(pod.securityContext.runAsUser).not.toBe(0);
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      });

      test('have no way to the API server', () => {
        expect(pod.automountServiceAccountToken).toBe(false);
      });

      test('request CPU and memory, and have a memory limit not below the request', () => {
        const { requests, limits } = container.resources;
        expect(quantity(requests['cpu'] ?? '')).toBeGreaterThan(0);
        expect(quantity(requests['memory'] ?? '')).toBeLessThanOrEqual(quantity(limits['memory'] ?? ''));
      });

      test('run a pinned image', () => {
        expect(container.image).toMatch(/:(?!latest$)[\w.-]+$/);
      });

      test('mount what is declared', () => {
        const declared = [
          ...pod.volumes.map(({ name }) => name),
          ...workload.spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
        ];
        expect(new Set(container.volumeMounts.map(({ name }) => name))).toEqual(new Set(declared));
      });
    },
  );
});
