import { z } from 'zod';
import type { Manifest } from './kustomization.ts';

const variable = z.strictObject({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .strictObject({
      fieldRef: z.strictObject({ fieldPath: z.string() }).optional(),
      secretKeyRef: z
        .strictObject({ name: z.string(), key: z.string(), optional: z.boolean().optional() })
        .optional(),
    })
    .optional(),
});

const probe = z.looseObject({
  httpGet: z.strictObject({ path: z.string(), port: z.union([z.string(), z.number()]) }).optional(),
  tcpSocket: z.strictObject({ port: z.union([z.string(), z.number()]) }).optional(),
});

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).default([]),
  env: z.array(variable).default([]),
  ports: z.array(z.looseObject({ name: z.string(), containerPort: z.number() })).default([]),
  resources: z.strictObject({
    requests: z.record(z.string(), z.string()),
    limits: z.record(z.string(), z.string()),
  }),
  securityContext: z.looseObject({}),
  lifecycle: z
    .strictObject({ preStop: z.strictObject({ exec: z.strictObject({ command: z.array(z.string()) }) }) })
    .optional(),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
});

const workload = z.looseObject({
  kind: z.enum(['Deployment', 'StatefulSet', 'Job']),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    replicas: z.number().optional(),
    serviceName: z.string().optional(),
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        automountServiceAccountToken: z.boolean().optional(),
        terminationGracePeriodSeconds: z.number().optional(),
        topologySpreadConstraints: z.array(z.looseObject({ topologyKey: z.string() })).default([]),
        securityContext: z.looseObject({ runAsUser: z.unknown() }),
        // One each: no init containers, no sidecars.
        containers: z.tuple([container]),
        volumes: z
          .array(
            z.looseObject({
              name: z.string(),
              configMap: z.object({ name: z.string() }).optional(),
              persistentVolumeClaim: z.object({ claimName: z.string() }).optional(),
              secret: z.object({ secretName: z.string() }).optional(),
            }),
          )
          .default([]),
      }),
    }),
    volumeClaimTemplates: z
      .array(
        z.looseObject({
          metadata: z.looseObject({ name: z.string() }),
          spec: z.looseObject({
            resources: z.object({ requests: z.object({ storage: z.string() }) }),
          }),
        }),
      )
      .default([]),
  }),
});

/** A manifest that makes pods. */
export type Workload = z.infer<typeof workload>;
export type Container = z.infer<typeof container>;

const cronJob = z.looseObject({
  kind: z.literal('CronJob'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ jobTemplate: z.looseObject({ spec: z.looseObject({}) }) }),
});

/** The manifests that make pods; a CronJob as the Job that it makes. @throws when one lacks what every pod here has */
export function workloadsOf(manifests: Manifest[]): Workload[] {
  return manifests
    .map(jobOf)
    .filter(({ kind }) => workload.shape.kind.safeParse(kind).success)
    .map((manifest) => workload.parse(manifest));
}

function jobOf(manifest: Manifest): Manifest {
  if (manifest.kind !== 'CronJob') return manifest;
  const { metadata, spec } = cronJob.parse(manifest);
  return { apiVersion: manifest.apiVersion, kind: 'Job', metadata, spec: spec.jobTemplate.spec };
}

/** @throws when there is none of that name */
export function workloadNamed(name: string, manifests: Manifest[]): Workload {
  const found = workloadsOf(manifests).find(({ metadata }) => metadata.name === name);
  if (!found) throw new Error(`no workload ${name}`);
  return found;
}

export function containerOf({ spec }: Workload): Container {
  return spec.template.spec.containers[0];
}

/** The variables that are written out, by name. */
export function valuesOf({ env }: Container): Record<string, string | undefined> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

/** The arguments as the process gets them: `$(NAME)` is the container's variable. */
export function argumentsOf(container: Container): string[] {
  const values = valuesOf(container);
  return container.args.map((arg) => arg.replace(/\$\((\w+)\)/g, (_, name: string) => values[name] ?? ''));
}

const units: Record<string, number> = {
  '': 1,
  m: 1e-3,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** A Kubernetes quantity as a number; only the units in use here. @throws when it is none */
export function quantity(text: string): number {
  const [, digits, unit = ''] = /^(\d+)([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = units[unit];
  if (digits === undefined || factor === undefined) throw new Error(`not a quantity: ${text}`);
  return Number(digits) * factor;
}
