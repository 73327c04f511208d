interface Request {
  min: number;
  max: number;
  start(slots: number): void;
}

export type SendingSlots = ReturnType<typeof createSendingSlots>;

/**
 * A number of slots, and the queue of requests for them, first come first served. A request for several slots collects
 * them before any later request gets one, so no request starves. The caller that got a slot releases it.
 */
export function createSendingSlots(size: number) {
  // A map keeps the order in which it was filled.
  const queue = new Map<string | symbol, Request>();
  let free = size;

  function grant(): void {
    for (const [key, { min, max, start }] of queue) {
      if (free < min) return;
      queue.delete(key);
      const granted = Math.min(free, max);
      free -= granted;
      start(granted);
    }
  }

  return {
    /** Calls `start`, at once or later, when there is a free slot. Until then `withdraw` can remove the request. */
    request(key: string, start: () => void): void {
      queue.set(key, { min: 1, max: 1, start });
      grant();
    },

    /** Resolves with the number of slots that the caller has got: at least `min`, and up to `max` if more are free. */
    take({ min, max }: { min: number; max: number }): Promise<number> {
      return new Promise((resolve) => {
        queue.set(Symbol('several slots'), { min, max, start: resolve });
        grant();
      });
    },

    /** Removes a request from the queue. */
    withdraw(key: string): void {
      queue.delete(key);
    },

    release(slots: number): void {
      free += slots;
      grant();
    },
  };
}
