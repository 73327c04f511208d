import { shareWhileRunning } from './share-while-running.ts';
import { withTimeout } from './with-timeout.ts';

/**
 * Makes a reading that resolves with what is read, or with undefined when that fails or takes longer than `withinMs`
 * milliseconds. One that takes longer is not begun again meanwhile: whoever asks often must not take the database's
 * connections from the requests.
 */
export function inTime<Value>(
  read: () => Promise<Value>,
  withinMs: number,
): () => Promise<Value | undefined> {
  // That it failed is all that its caller can use; why is told by the requests that fail for the same reason.
  const share = shareWhileRunning(() => read().catch(() => undefined));
  return () => withTimeout(withinMs, share(), () => undefined);
}
