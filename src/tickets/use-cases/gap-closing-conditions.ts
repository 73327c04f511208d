import { ackWaitMs } from '../../messaging/broker.ts';
import type { Clock } from '../../platform/time/clock.ts';

/** What the broker has delivered to a process that died comes to the others within two of these; one is to spare. */
const requiredMs = 3 * ackWaitMs;

export interface GapClosingConditionsDeps {
  /** Since when this process has been subscribed to the subject without a break; undefined while it is not. */
  subscribedSince: (subject: 'ticket:created' | 'ticket:updated') => Date | undefined;
  clock: Clock;
}

/**
 * Decides whether this process may close gaps: only when a missing version would have come to it by now. So it must have
 * been subscribed to both ticket subjects, and have reached the database, without a break for three acknowledgement
 * time-outs of the broker.
 */
export function watchGapClosingConditions({ subscribedSince, clock }: GapClosingConditionsDeps) {
  let databaseSince: Date | undefined;

  const isLongEnough = (since: Date | undefined) =>
    since !== undefined && clock().getTime() - since.getTime() >= requiredMs;

  return {
    databaseAnswered(): void {
      databaseSince ??= clock();
    },

    databaseFailed(): void {
      databaseSince = undefined;
    },

    areMet(): boolean {
      return [databaseSince, subscribedSince('ticket:created'), subscribedSince('ticket:updated')].every(
        isLongEnough,
      );
    },
  };
}
