import { operationTimeoutMs } from '../platform/mongo/timeouts.ts';
import { ackWaitMs } from './broker.ts';

/**
 * Time-out of storing a dead letter, in milliseconds. This and `maxHandlingMs` end work that would never settle. They are
 * longer than the time-outs of all operations in it, and together shorter than `ackWaitMs`, so that one process at a time
 * handles a message.
 */
export const maxKeepingMs = operationTimeoutMs + 900;
/** Time-out of handling a message. */
export const maxHandlingMs = ackWaitMs - maxKeepingMs - 100;

/** No operation of a message starts after this time, so that the last one can end within `maxHandlingMs`. */
export const handleWithinMs = maxHandlingMs - operationTimeoutMs - 1_000;
