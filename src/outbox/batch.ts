/**
 * Gathers what is added while the previous flush is under way, and flushes it in one go: alone an item goes at
 * once, under load many share a round trip. `add` settles as the flush of its item does.
 */
export function batch<Item>(
  flush: (items: Item[]) => Promise<void>,
  most: number,
): (item: Item) => Promise<void> {
  let waiting: { item: Item; resolve: () => void; reject: (reason: unknown) => void }[] = [];
  let flushing = false;

  async function flushWaiting(): Promise<void> {
    flushing = true;
    while (waiting.length > 0) {
      const taken = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        await flush(taken.map(({ item }) => item));
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    flushing = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!flushing) queueMicrotask(() => !flushing && void flushWaiting());
    });
}
