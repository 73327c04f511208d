/**
 * Makes a reading of which the outcome serves for `everyMs` milliseconds, also where it failed: however often it is asked
 * for, and by how many at once, what is behind it is read no more often. `uptimeMs` is time that only goes forward.
 */
export function atMostEvery<Value>(
  everyMs: number,
  read: () => Promise<Value>,
  uptimeMs: () => number = () => performance.now(),
): () => Promise<Value> {
  let last: { at: number; value: Promise<Value> } | undefined;
  return () => {
    if (last === undefined || uptimeMs() - last.at >= everyMs) last = { at: uptimeMs(), value: read() };
    return last.value;
  };
}
