import { throwIfPastDeadline } from '../../platform/time/deadline.ts';
import { backoff, sleep } from '../../platform/time/repeat.ts';

/** How often a change is decided anew when others change the order, or take the ticket, at the same time. */
const maxAttempts = 8;

/**
 * Runs `attempt` until it settles on an outcome; `undefined` means that the world has changed under it and it
 * wants to look again. Gives up with `contended` after a bounded number of times. The short pauses let a write
 * that one node has, but not yet a majority, become visible.
 *
 * @throws DeadlineExceeded instead of another attempt for somebody who has been answered meanwhile
 */
export async function retryOnConflict<Outcome>(
  attempt: (round: number) => Promise<Outcome | undefined>,
): Promise<Outcome | { kind: 'contended' }> {
  for (let round = 0; round < maxAttempts; round++) {
    if (round > 1) await sleep(backoff(round, 1, 100));
    throwIfPastDeadline();
    const outcome = await attempt(round);
    if (outcome !== undefined) return outcome;
  }
  return { kind: 'contended' };
}
