import { operationTimeoutMs } from '../../platform/mongo/timeouts.ts';

/** One process at a time closes gaps for all. The name is stored and must be the same in all replicas. */
export const gapLeaseName = 'ticket gaps';

/** A pass starts no operation after this time, so that a stop does not wait for it. */
export const gapPassMs = 2_000;

/** Duration of the lease: a pass, and a last read and write that started at its end. */
export const gapLeaseMs = gapPassMs + 2 * operationTimeoutMs;
