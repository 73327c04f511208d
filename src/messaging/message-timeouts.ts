import { operationTimeoutMs } from '../platform/mongo/timeouts.ts';
import { ackWaitMs } from './broker.ts';

/**
 * How long the storing of a dead letter is waited for, in milliseconds. This and `maxHandlingMs` are for what never
 * settles: they are longer than the time-outs of everything that a message does, and together shorter than `ackWaitMs`,
 * so that a message is handled by one process at a time.
 */
export const maxKeepingMs = operationTimeoutMs + 900;
/** How long the handling of a message is waited for. */
export const maxHandlingMs = ackWaitMs - maxKeepingMs - 100;

/** How long operations are begun for a message: the last one has time to end within `maxHandlingMs`. */
export const handleWithinMs = maxHandlingMs - operationTimeoutMs - 1_000;
