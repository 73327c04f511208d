import type { Lease } from '../platform/mongo/lease-store.ts';
import { addMs } from '../platform/time/clock.ts';
import { minLeaseLeftMs } from './outbox-lease.ts';

/** One process at a time sweeps for all. The name is stored and must be the same in all replicas. */
export const sweepLeaseName = 'outbox sweep';

/** Time for reading the outboxes. */
const maxReadMs = 3_000;

/**
 * Duration of the sweep's lease, in milliseconds: enough to read outboxes and to start publishing their events. The lease is
 * renewed before each read.
 */
export const sweepLeaseMs = maxReadMs + minLeaseLeftMs;

/**
 * Takes or renews the sweep's lease. Resolves with its expiry: until then no other process sends the outboxes that this one
 * reads. Resolves with undefined when another process has the lease.
 */
export async function takeSweepLease(lease: Pick<Lease, 'take'>, now: Date): Promise<Date | undefined> {
  const until = addMs(now, sweepLeaseMs);
  return (await lease.take({ now, until })) ? until : undefined;
}
