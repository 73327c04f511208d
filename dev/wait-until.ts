import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  timeoutMs: number;
  /** The pause between two checks. A check that is work for a busy server is better made less often. */
  everyMs?: number;
  /** The error when the time is over, from the last error of the check where there was one. */
  onTimeout: (cause: unknown) => Error;
}

/**
 * Resolves once the check holds. A check that throws counts as one that does not hold yet.
 *
 * @throws the error of `onTimeout`
 */
export async function waitUntil(
  check: () => boolean | Promise<boolean>,
  { timeoutMs, everyMs = 10, onTimeout }: WaitOptions,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  do {
    try {
      if (await check()) return;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await delay(everyMs);
  } while (Date.now() < deadline);
  throw onTimeout(lastError);
}
