export interface PacerDeps {
  /** How many turns there are in a second, at most. */
  perSecond: number;
  /** Time that only goes forward. */
  uptimeMs: () => number;
  /** Waits that long, or less where nothing is to be waited for any more. */
  sleep: (milliseconds: number) => Promise<void>;
}

/**
 * Makes a wait that resolves when the caller's next turn has come: the first at once, each later one a full interval after the
 * one before. A caller that comes late does not catch up, so there is no burst. For one caller at a time.
 */
export function createPacer({ perSecond, uptimeMs, sleep }: PacerDeps): () => Promise<void> {
  let nextAt = uptimeMs();
  return async () => {
    const leftMs = nextAt - uptimeMs();
    if (leftMs > 0) await sleep(leftMs);
    nextAt = Math.max(nextAt, uptimeMs()) + 1_000 / perSecond;
  };
}
