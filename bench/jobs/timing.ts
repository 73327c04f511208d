/** Runs the operation for every item, `inFlight` at a time, and resolves with the operations a second. */
export async function operationsPerSecond<Item>(
  items: readonly Item[],
  inFlight: number,
  operation: (item: Item) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const started = performance.now();
  const runNext = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await operation(item);
  };
  await Promise.all(Array.from({ length: inFlight }, runNext));
  return (1_000 * items.length) / (performance.now() - started);
}

/** How long the operation takes, in milliseconds. */
export async function durationMs(operation: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await operation();
  return performance.now() - started;
}
