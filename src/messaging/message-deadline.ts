import { withDeadline } from '../platform/time/deadline.ts';
import type { Listener } from './listener.ts';

/**
 * How long a message is worked on, in milliseconds: with the last operation that was begun this is less than the broker
 * waits before it delivers the message again, to another process maybe (`ackWaitMs` in broker.ts).
 */
const handleWithinMs = 20_000;

export interface HandlingDeps {
  availability: { throwIfAway(): void };
}

/** A listener that begins nothing more for a message after its time, and nothing at all while the database is away. */
export function withMessageDeadline({ availability }: HandlingDeps, { subject, handle }: Listener): Listener {
  return {
    subject,
    async handle(message) {
      availability.throwIfAway();
      return withDeadline(handleWithinMs, () => handle(message));
    },
  };
}
