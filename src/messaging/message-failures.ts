import type { Clock } from '../platform/time/clock.ts';
import { ackWaitMs, type Delivery } from './broker.ts';

/** A message that keeps failing for another reason than an outage is set aside at this failure. */
const maxFailures = 5;
/** About 2 MB. The one that failed longest ago is forgotten first, and counted anew when it fails again. */
const maxMessages = 10_000;

export type MessageFailures = ReturnType<typeof createMessageFailures>;

/**
 * Counts how many times each message has failed in this process for a reason of its own. The broker's count of
 * deliveries would not do: those during an outage use it up, and the first failure after it would be the last.
 */
export function createMessageFailures({ clock }: { clock: Clock }) {
  const failures = new Map<string, number>();
  // What was before this process, it does not know.
  let outageAt = clock();

  function remember(key: string, count: number): void {
    // The newest at the end.
    failures.delete(key);
    failures.set(key, count);
    const [oldest] = failures.keys();
    if (failures.size > maxMessages && oldest !== undefined) failures.delete(oldest);
  }

  return {
    /** A message has met an outage just now. */
    outageSeen(): void {
      outageAt = clock();
    },

    /**
     * The delivery has failed for a reason of its own. Returns how many times its message has, when these are enough to
     * set it aside. For a message that has not failed here before the broker's count decides (another process may have
     * tried it), if this process has been there without an outage for as long as those deliveries took.
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

    /** The message is dealt with. */
    handled(delivery: Delivery): void {
      failures.delete(keyOf(delivery));
    },
  };
}

function keyOf({ subject, sequence, timestamp }: Delivery): string {
  return `${subject} ${sequence} ${timestamp}`;
}
