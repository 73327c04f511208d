export interface BackgroundIndexDeps {
  /** Whether it was there when the process started. */
  isThere: boolean;
  isThereNow: () => Promise<boolean>;
  /** Builds it, without a time limit. */
  build: () => Promise<void>;
}

export type BackgroundIndex = ReturnType<typeof createBackgroundIndex>;

/** An index that is built beside the service. What needs it is off until it is there, so that nothing reads all documents. */
export function createBackgroundIndex({ isThere, isThereNow, build }: BackgroundIndexDeps) {
  let isReady = isThere;
  return {
    /** Whether the last check has found or built it. */
    isReady: () => isReady,

    /** One check of the index, which is built if it is missing. @throws when it cannot be built */
    async check(): Promise<void> {
      isReady = await isThereNow();
      if (isReady) return;
      await build();
      isReady = true;
    },
  };
}
