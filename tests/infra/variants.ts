import { type Manifest, renderOverlay } from './kustomization.ts';

/** What somebody may apply: an overlay, with components on top of it. */
export interface Variant {
  name: string;
  overlay: 'dev' | 'prod' | 'jetstream';
  components: readonly string[];
  manifests: Manifest[];
}

/** The component that leaves out the broker of each overlay. */
const managedBrokers = { dev: 'managed-nats', prod: 'managed-nats', jetstream: 'managed-jetstream' };

/** Each component alone, and those together that go together: `backup` is of the database that `managed-mongo` leaves out. */
function componentSets(managedBroker: string): string[][] {
  return [
    [],
    ['managed-mongo'],
    [managedBroker],
    ['gateway'],
    ['backup'],
    ['managed-mongo', managedBroker, 'gateway'],
    ['backup', managedBroker, 'gateway'],
  ];
}

/** Each overlay with each set of components. @throws when one cannot be rendered */
export const variants: readonly Variant[] = (['dev', 'prod', 'jetstream'] as const).flatMap((overlay) =>
  componentSets(managedBrokers[overlay]).map((components) => ({
    name: [overlay, ...components].join(' with '),
    ...{ overlay, components },
    manifests: renderOverlay(overlay, components),
  })),
);
