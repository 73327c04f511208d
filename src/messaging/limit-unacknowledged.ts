/**
 * Maximum of events without an acknowledgement; the brokers' libraries enforce none. The relay has fewer in flight, and all
 * other callers send one event at a time.
 */
const maxUnacknowledged = 1_024;

/** Returns a function that does a publish, or throws when too many are not acknowledged yet. */
export function limitUnacknowledged() {
  let unacknowledged = 0;
  return async (publish: () => Promise<void>): Promise<void> => {
    if (unacknowledged >= maxUnacknowledged)
      throw new Error(`${unacknowledged} messages are not acknowledged by the broker yet`);
    unacknowledged++;
    try {
      await publish();
    } finally {
      unacknowledged--;
    }
  };
}
