interface Request {
  min: number;
  max: number;
  begin(slots: number): void;
}

export type SendingSlots = ReturnType<typeof createSendingSlots>;

/**
 * A number of slots, and the queue of those who wait for some: the first request gets the next free slots. A request for
 * several collects them before any later request, so none waits for ever. Every slot is released by who got it.
 */
export function createSendingSlots(size: number) {
  // A map keeps the order in which it was filled.
  const queue = new Map<string | symbol, Request>();
  let free = size;

  function grant(): void {
    for (const [key, { min, max, begin }] of queue) {
      if (free < min) return;
      queue.delete(key);
      const granted = Math.min(free, max);
      free -= granted;
      begin(granted);
    }
  }

  return {
    /** Calls `begin`, at once or later, when there is a free slot. Until then `withdraw` finds the request by `key`. */
    request(key: string, begin: () => void): void {
      queue.set(key, { min: 1, max: 1, begin });
      grant();
    },

    /** Resolves with the number of slots that the caller has got: at least `min`, and up to `max` if more are free. */
    take({ min, max }: { min: number; max: number }): Promise<number> {
      return new Promise((resolve) => {
        queue.set(Symbol('several slots'), { min, max, begin: resolve });
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
