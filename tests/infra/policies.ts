import { z } from 'zod';
import type { Manifest } from './kustomization.ts';

const selector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z
    .array(z.strictObject({ key: z.literal('app'), operator: z.literal('In'), values: z.array(z.string()) }))
    .default([]),
});
const peer = z.strictObject({
  podSelector: selector.optional(),
  namespaceSelector: selector.optional(),
  ipBlock: z.strictObject({ cidr: z.string() }).optional(),
});
const ports = z.array(z.looseObject({ port: z.union([z.string(), z.number()]) }));
const networkPolicy = z.strictObject({
  podSelector: selector,
  policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
  ingress: z.array(z.strictObject({ from: z.array(peer), ports })).default([]),
  egress: z.array(z.strictObject({ to: z.array(peer), ports })).default([]),
});

/** One end of what a network policy allows, and the port: `namespace monitoring at probes`. */
type Allowed = string;

export interface Reach {
  /** Whether anything is restricted at all, which a pod without a policy is not. */
  restricts: Set<'Ingress' | 'Egress'>;
  from: Set<Allowed>;
  to: Set<Allowed>;
}

/** What all policies together allow the pods of an app. @throws when one is written in a way not read here */
export function reachOf(app: string, manifests: Manifest[]): Reach {
  const policies = manifests
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ spec }) => networkPolicy.parse(spec))
    .filter(({ podSelector }) => namesOf(podSelector).includes(`app ${app}`));
  return {
    restricts: new Set(policies.flatMap(({ policyTypes }) => policyTypes)),
    from: new Set(
      policies.flatMap(({ ingress }) => ingress.flatMap((rule) => allowed(rule.from, rule.ports))),
    ),
    to: new Set(policies.flatMap(({ egress }) => egress.flatMap((rule) => allowed(rule.to, rule.ports)))),
  };
}

function allowed(peers: z.infer<typeof peer>[], at: z.infer<typeof ports>): Allowed[] {
  return peers.flatMap((one) => endsOf(one).flatMap((end) => at.map(({ port }) => `${end} at ${port}`)));
}

function endsOf({ podSelector, namespaceSelector, ipBlock }: z.infer<typeof peer>): string[] {
  if (ipBlock) return [ipBlock.cidr];
  if (namespaceSelector) return namesOf(namespaceSelector);
  const named = podSelector ? namesOf(podSelector) : [];
  return named.length > 0 ? named : ['any pod of the namespace'];
}

function namesOf({ matchLabels, matchExpressions }: z.infer<typeof selector>): string[] {
  const labels = Object.entries(matchLabels).map(([key, value]) =>
    key === 'kubernetes.io/metadata.name' ? `namespace ${value}` : `${key} ${value}`,
  );
  return [...labels, ...matchExpressions.flatMap(({ values }) => values.map((value) => `app ${value}`))];
}
