import { untilAborted } from '../time/until-aborted.ts';

export interface BackgroundIndexDeps {
  /** Whether it is listed. MongoDB lists an index while another replica builds it, too. */
  isThere: () => Promise<boolean>;
  /** Builds it, without a time limit. Resolves when it is in force: at once where it is, and at the end of another's build. */
  build: () => Promise<void>;
  /** How long a start waits for one that is listed, in milliseconds. */
  inForceMs?: number;
}

export type BackgroundIndex = Awaited<ReturnType<typeof createBackgroundIndex>>;

/** For one that is listed and in force this is long; for one that is still being built it is short. */
const inForceWithinMs = 2_000;

/**
 * An index that is built beside the service. What needs it is off until it is in force, so that nothing reads all documents.
 * Resolves when it is known whether it is in force already, or is listed and was not within `inForceMs`.
 */
export async function createBackgroundIndex({
  isThere,
  build,
  inForceMs = inForceWithinMs,
}: BackgroundIndexDeps) {
  let isReady = false;

  async function check(): Promise<void> {
    if (isReady && (await isThere())) return;
    isReady = false;
    await build();
    isReady = true;
  }

  // Where it cannot be built, the next check says so.
  if (await isThere())
    await untilAborted(
      check().catch(() => undefined),
      AbortSignal.timeout(inForceMs),
    );
  return {
    /** Whether the last check has found or built it. */
    isReady: () => isReady,

    /** One check of the index, which is built if it is missing. @throws when it cannot be built */
    check,
  };
}
