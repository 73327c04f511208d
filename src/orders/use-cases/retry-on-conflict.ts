import { throwIfPastDeadline } from '../../platform/time/deadline.ts';
import { backoff, sleep } from '../../platform/time/repeat.ts';

/** How many times a change is decided when others change the order, or take the ticket, at the same time. */
const maxAttempts = 8;

/**
 * Runs `attempt` until it resolves with an outcome. With `undefined` it says that somebody else was faster, so that it
 * has to read and decide again. After a bounded number of attempts the outcome is `conflict`. The short pauses let a write
 * that one node has, but not yet a majority, become visible.
 *
 * @throws DeadlineExceeded instead of another attempt once the request has its answer
 */
export async function retryOnConflict<Outcome>(
  attempt: () => Promise<Outcome | undefined>,
): Promise<Outcome | { kind: 'conflict' }> {
  for (let attempts = 0; attempts < maxAttempts; attempts++) {
    if (attempts > 1) await sleep(backoff(attempts, 1, 100));
    throwIfPastDeadline();
    const outcome = await attempt();
    if (outcome !== undefined) return outcome;
  }
  return { kind: 'conflict' };
}
