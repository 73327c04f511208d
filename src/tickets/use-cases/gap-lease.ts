import { operationTimeoutMs } from '../../platform/mongo/timeouts.ts';

/** One process at a time closes gaps for all. This name is stored: the other replicas look for the same one. */
export const gapLeaseName = 'ticket gaps';

/** A pass begins nothing after this time, so that a stop does not wait for it. */
export const gapPassMs = 2_000;

/** How long the lease is: for a pass, and for the read and the write that it may have begun at its end. */
export const gapLeaseMs = gapPassMs + 2 * operationTimeoutMs;
