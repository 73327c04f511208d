export interface BackgroundIndexDeps {
  isThere: () => Promise<boolean>;
  /** Builds it, without a time limit. */
  build: () => Promise<void>;
}

export type BackgroundIndex = Awaited<ReturnType<typeof createBackgroundIndex>>;

/**
 * An index that is built beside the service. What needs it is off until it is there, so that nothing reads all documents.
 * Resolves when it is known whether it is there already.
 */
export async function createBackgroundIndex({ isThere, build }: BackgroundIndexDeps) {
  let isReady = await isThere();
  return {
    /** Whether the last check has found or built it. */
    isReady: () => isReady,

    /** One check of the index, which is built if it is missing. @throws when it cannot be built */
    async check(): Promise<void> {
      isReady = await isThere();
      if (isReady) return;
      await build();
      isReady = true;
    },
  };
}
