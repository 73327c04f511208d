import { ackWaitMs } from '../../messaging/broker.ts';
import type { Clock } from '../../platform/time/clock.ts';

/** What a broker holds back from a process that died comes to the others within two of these, and one is to spare. */
const steadyForMs = 3 * ackWaitMs;

export interface SteadyReceptionDeps {
  /** Since when this process has been subscribed to the subject without a break; undefined while it is not. */
  subscribedSince: (subject: 'ticket:created' | 'ticket:updated') => Date | undefined;
  clock: Clock;
}

/**
 * Whether a version that has not come could have come: this process has been subscribed to both ticket subjects without
 * a break, and the database has answered it, for three acknowledgement time-outs of the broker.
 */
export function createSteadyReception({ subscribedSince, clock }: SteadyReceptionDeps) {
  let answersSince: Date | undefined;

  const isSince = (since: Date | undefined) =>
    since !== undefined && clock().getTime() - since.getTime() >= steadyForMs;

  return {
    /** The database has answered. */
    answered(): void {
      answersSince ??= clock();
    },

    /** The database has not answered. */
    failed(): void {
      answersSince = undefined;
    },

    isSteady(): boolean {
      return [answersSince, subscribedSince('ticket:created'), subscribedSince('ticket:updated')].every(
        isSince,
      );
    },
  };
}
