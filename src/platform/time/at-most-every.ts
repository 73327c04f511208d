/**
 * Returns a read that caches its outcome for `everyMs` milliseconds, also a failure. `uptimeMs` is a time that never goes
 * backwards.
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
