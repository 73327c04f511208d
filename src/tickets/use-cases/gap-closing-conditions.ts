import { ackWaitMs } from '../../messaging/broker.ts';
import type { Clock } from '../../platform/time/clock.ts';

/** Messages that were delivered to a crashed process come to another one within two time-outs; the third is a reserve. */
const requiredMs = 3 * ackWaitMs;

export interface GapClosingConditionsDeps {
  /** Since when this process has been subscribed to the subject without a break; undefined while it is not. */
  subscribedSince: (subject: 'ticket:created' | 'ticket:updated') => Date | undefined;
  clock: Clock;
}

/**
 * Decides whether this process may close gaps: only when it would have received a missing version by now. So it must have
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
