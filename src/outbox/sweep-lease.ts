import type { Lease } from '../platform/mongo/lease-store.ts';
import { addMs } from '../platform/time/clock.ts';
import { minLeaseLeftMs } from './outbox-lease.ts';

/** One process at a time sweeps for all. This name is stored: the other replicas look for the same one. */
export const sweepLeaseName = 'outbox sweep';

/** How long the reading of the outboxes may take. */
const maxReadMs = 3_000;

/**
 * For how long one process alone sweeps, in milliseconds: it reads outboxes and begins to publish their events in this
 * time. It takes the lease again before each read.
 */
export const sweepLeaseMs = maxReadMs + minLeaseLeftMs;

/**
 * Takes the sweep's lease, or prolongs it. Resolves with its expiry: before that no other process sends what this one
 * reads. Resolves with undefined when another process has the lease.
 */
export async function takeSweepLease(lease: Pick<Lease, 'take'>, now: Date): Promise<Date | undefined> {
  const until = addMs(now, sweepLeaseMs);
  return (await lease.take({ now, until })) ? until : undefined;
}
