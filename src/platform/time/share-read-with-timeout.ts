import { shareWhileRunning } from './share-while-running.ts';
import { withTimeout } from './with-timeout.ts';

/**
 * Makes a read that resolves with its value, or with undefined when it fails or takes longer than `timeoutMs` milliseconds.
 * A read that is still running is shared, not started again: frequent callers must not take the database's connections
 * from the requests.
 */
export function shareReadWithTimeout<Value>(
  read: () => Promise<Value>,
  timeoutMs: number,
): () => Promise<Value | undefined> {
  // The caller can use no more than that it failed; the requests that fail for the same reason log why.
  const share = shareWhileRunning(() => read().catch(() => undefined));
  return () => withTimeout(timeoutMs, share(), () => undefined);
}
