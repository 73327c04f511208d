import { sleep } from './repeat.ts';

/**
 * Makes a reading that resolves with what is read, or with undefined when that fails or takes longer than `withinMs`
 * milliseconds. One that takes longer is not begun again meanwhile: whoever asks often must not take the database's
 * connections from the requests.
 */
export function inTime<Value>(
  read: () => Promise<Value>,
  withinMs: number,
): () => Promise<Value | undefined> {
  let underWay: Promise<Value | undefined> | undefined;
  return async () => {
    // That it failed is all that its caller can use; why is told by the requests that fail for the same reason.
    underWay ??= read()
      .catch(() => undefined)
      .finally(() => {
        underWay = undefined;
      });
    const stopWaiting = new AbortController();
    const value = await Promise.race([underWay, sleep(withinMs, stopWaiting.signal)]);
    stopWaiting.abort();
    return value ?? undefined;
  };
}
