import { throwIfPastDeadline } from '../../platform/time/deadline.ts';
import { backoff, sleep } from '../../platform/time/repeat.ts';

/** Attempts while others change the same order, or take the same ticket. */
const maxAttempts = 8;

/**
 * Runs `attempt` until it resolves with an outcome. `undefined` means that another request was faster, so that it must
 * read and decide again. After `maxAttempts` the outcome is `conflict`. The short pauses give a write time to reach a majority:
 * reads see it only then.
 *
 * @throws DeadlineExceeded instead of another attempt, after the deadline of the request
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
