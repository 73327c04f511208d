import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves once the check holds; a check that throws is taken for one that does not hold yet. A check that is work
 * for a busy server is better made less often (`everyMs`).
 *
 * @throws after `withinMs`, with the last error of the check where there was one
 */
export async function eventually(
  check: () => boolean | Promise<boolean>,
  { withinMs = 10_000, everyMs = 10 }: { withinMs?: number; everyMs?: number } = {},
): Promise<void> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  do {
    try {
      if (await check()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(everyMs);
  } while (Date.now() < deadline);
  throw new Error(`not within ${withinMs} ms: ${String(check)}`, { cause: last });
}
