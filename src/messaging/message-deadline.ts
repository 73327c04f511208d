import { withDeadline } from '../platform/time/deadline.ts';
import type { Listener } from './listener.ts';
import { handleWithinMs } from './message-timeouts.ts';

export interface MessageDeadlineDeps {
  availability: { throwIfAway(): void };
}

/**
 * The same listener with a deadline: no operation of a message starts after `handleWithinMs`, and none at all while the
 * database is away.
 */
export function withMessageDeadline({ availability }: MessageDeadlineDeps, listener: Listener): Listener {
  return {
    subject: listener.subject,
    async handle(message) {
      availability.throwIfAway();
      return withDeadline(handleWithinMs, () => listener.handle(message));
    },
  };
}
