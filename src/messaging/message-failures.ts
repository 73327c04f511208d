import type { Clock } from '../platform/time/clock.ts';
import { ackWaitMs, type Delivery } from './broker.ts';

/** A message becomes a dead letter at this failure. Failures during an outage of the database do not count. */
const maxFailures = 5;
/** About 2 MB. The message that failed longest ago is forgotten first, and counted from 0 when it fails again. */
const maxMessages = 10_000;

export type MessageFailures = ReturnType<typeof createMessageFailures>;

/**
 * Counts the failures of each message in this process, without those that an outage of the database caused. The broker's
 * delivery count includes outages: with it the first failure after a long outage would make a dead letter.
 */
export function createMessageFailures({ clock }: { clock: Clock }) {
  const failures = new Map<string, number>();
  // There may have been an outage just before this process started.
  let outageAt = clock();

  function remember(key: string, count: number): void {
    // The newest at the end.
    failures.delete(key);
    failures.set(key, count);
    const [oldest] = failures.keys();
    if (failures.size > maxMessages && oldest !== undefined) failures.delete(oldest);
  }

  return {
    /** To be called when a message fails because of an outage. */
    onOutage(): void {
      outageAt = clock();
    },

    /**
     * To be called when a delivery fails without an outage. Returns the number of failures when the message must become a
     * dead letter, otherwise undefined. The broker's delivery count is used for a message that has not failed here before
     * (another process may have tried it), if this process has seen no outage for as long as those deliveries took.
     */
    failed(delivery: Delivery): number | undefined {
      const { attempt } = delivery;
      const known = failures.get(keyOf(delivery));
      const count = (known ?? 0) + 1;
      remember(keyOf(delivery), count);
      if (count >= maxFailures) return count;
      const withoutOutage = clock().getTime() - outageAt.getTime() >= attempt * ackWaitMs;
      return known === undefined && attempt >= maxFailures && withoutOutage ? attempt : undefined;
    },

    /** To be called when a message is acknowledged. */
    handled(delivery: Delivery): void {
      failures.delete(keyOf(delivery));
    },
  };
}

function keyOf({ subject, sequence, timestamp }: Delivery): string {
  return `${subject} ${sequence} ${timestamp}`;
}
