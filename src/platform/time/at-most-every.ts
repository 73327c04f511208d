/**
 * Makes a read whose outcome is kept for `everyMs` milliseconds, also where it failed: whoever asks within that time gets the
 * same outcome, and nothing is read again. `uptimeMs` is time that only goes forward.
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
