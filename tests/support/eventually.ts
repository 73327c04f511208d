import { waitUntil } from '../../dev/wait-until.ts';

/**
 * Resolves once the check holds; a check that throws counts as one that does not hold yet. A check that is work for a
 * busy server is better made less often (`everyMs`).
 *
 * @throws after `withinMs`, with the last error of the check where there was one
 */
export function eventually(
  check: () => boolean | Promise<boolean>,
  { withinMs = 10_000, everyMs = 10 }: { withinMs?: number; everyMs?: number } = {},
): Promise<void> {
  const onTimeout = (cause: unknown) => new Error(`not within ${withinMs} ms: ${String(check)}`, { cause });
  return waitUntil(check, { timeoutMs: withinMs, everyMs, onTimeout });
}
