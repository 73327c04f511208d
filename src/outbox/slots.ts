interface Request {
  min: number;
  max: number;
  begin(slots: number): void;
}

export type Slots = ReturnType<typeof createSlots>;

/**
 * A number of slots, and the queue of those who wait for some. Whoever has asked first gets the next that are free: who
 * wants several collects them, so nobody waits for ever. Whoever got slots gives them back.
 */
export function createSlots(size: number) {
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
    /** Calls `begin`, at once or later, when there is a slot. `key` is known for as long as it waits. */
    request(key: string, begin: () => void): void {
      queue.set(key, { min: 1, max: 1, begin });
      grant();
    },

    /** Resolves with how many slots the caller has got: `min` at least, and up to `max` if more are free. */
    take({ min, max }: { min: number; max: number }): Promise<number> {
      return new Promise((resolve) => {
        queue.set(Symbol('several slots'), { min, max, begin: resolve });
        grant();
      });
    },

    /** Ends the wait of a request. */
    withdraw(key: string): void {
      queue.delete(key);
    },

    release(slots: number): void {
      free += slots;
      grant();
    },
  };
}
