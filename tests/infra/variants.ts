import { type Manifest, renderOverlay } from './kustomization.ts';

/** What somebody may apply: an overlay, with components on top of it. */
export interface Variant {
  name: string;
  overlay: 'dev' | 'prod';
  components: readonly string[];
  manifests: Manifest[];
}

/** Each component alone, and those together that go together: `backup` is of the database that `managed-mongo` leaves out. */
const componentSets = [
  [],
  ['managed-mongo'],
  ['managed-nats'],
  ['gateway'],
  ['backup'],
  ['managed-mongo', 'managed-nats', 'gateway'],
  ['backup', 'managed-nats', 'gateway'],
];

/** Each overlay with each set of components. @throws when one cannot be rendered */
export const variants: readonly Variant[] = (['dev', 'prod'] as const).flatMap((overlay) =>
  componentSets.map((components) => ({
    name: [overlay, ...components].join(' with '),
    ...{ overlay, components },
    manifests: renderOverlay(overlay, components),
  })),
);
