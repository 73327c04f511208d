import type { Clock } from '../platform/time/clock.ts';
import { ackWaitMs, type Delivery } from './broker.ts';

/** A message becomes a dead letter at this failure; those during an outage of the database do not count. */
const maxFailures = 5;
/** About 2 MB. The message that failed longest ago is forgotten first, and counted from 0 when it fails again. */
const maxMessages = 10_000;

export type MessageFailures = ReturnType<typeof createMessageFailures>;

/**
 * Counts how many times each message has failed in this process for a reason of its own. The broker's count of
 * deliveries includes those during an outage: with it the first failure after an outage would be the last.
 */
export function createMessageFailures({ clock }: { clock: Clock }) {
  const failures = new Map<string, number>();
  // An outage may have been just before the start of this process.
  let outageAt = clock();

  function remember(key: string, count: number): void {
    // The newest at the end.
    failures.delete(key);
    failures.set(key, count);
    const [oldest] = failures.keys();
    if (failures.size > maxMessages && oldest !== undefined) failures.delete(oldest);
  }

  return {
    /** The handling of a message has failed because of an outage just now. */
    outageSeen(): void {
      outageAt = clock();
    },

    /**
     * The delivery has failed for a reason of its own. Returns the number of its message's failures when that is enough
     * for a dead letter, and else undefined. For a message that has not failed here before, the broker's count decides
     * (another process may have tried it), if this process has run without an outage for as long as those deliveries
     * took.
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

    /** The message is acknowledged. */
    handled(delivery: Delivery): void {
      failures.delete(keyOf(delivery));
    },
  };
}

function keyOf({ subject, sequence, timestamp }: Delivery): string {
  return `${subject} ${sequence} ${timestamp}`;
}
