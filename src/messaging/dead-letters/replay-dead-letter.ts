import { isOutage } from '../../platform/mongo/database-errors.ts';
import type { Listener } from '../listener.ts';
import type { DeadLetter, DeadLetterStore } from './dead-letter-store.ts';

export interface ReplayDeps {
  deadLetters: Pick<DeadLetterStore, 'find' | 'keepAgain' | 'discard'>;
  /** The service's listeners: a replayed message is handled as a delivered one. */
  listeners: Listener[];
}

export type ReplayOutcome =
  | { kind: 'handled'; outcome: string }
  /** The letter stays, with this reason. */
  | { kind: 'failed'; reason: string }
  | { kind: 'not_found' };

/**
 * Handles a dead letter's message once more. The letter is deleted only after its message was handled. An error becomes the
 * outcome of this letter, so that the next letters can still be replayed.
 *
 * @throws when the database is away: every letter would fail then
 */
export async function replayDeadLetter(deps: ReplayDeps, id: string): Promise<ReplayOutcome> {
  try {
    return await replay(deps, id);
  } catch (error) {
    if (isOutage(error)) throw error;
    return { kind: 'failed', reason: `failed in a replay: ${String(error)}` };
  }
}

async function replay({ deadLetters, listeners }: ReplayDeps, id: string): Promise<ReplayOutcome> {
  const letter = await deadLetters.find(id);
  if (!letter) return { kind: 'not_found' };
  if ('problem' in letter) return { kind: 'failed', reason: `cannot be read: ${letter.problem}` };
  const handled = await handleAgain(listeners, letter);
  if ('rejected' in handled) {
    await deadLetters.keepAgain(id, handled.rejected);
    return { kind: 'failed', reason: handled.rejected };
  }
  await deadLetters.discard(id);
  return { kind: 'handled', outcome: handled.outcome };
}

async function handleAgain(listeners: Listener[], letter: DeadLetter) {
  const listener = listeners.find(({ subject }) => subject === letter.subject);
  if (!listener) return { rejected: `nobody listens to ${letter.subject}` };
  if (letter.truncatedFrom !== undefined) {
    return { rejected: `too large: ${letter.truncatedFrom} bytes, of which only the beginning is kept` };
  }
  try {
    return await listener.handle(letter.data);
  } catch (error) {
    if (isOutage(error)) throw error;
    return { rejected: `failed in a replay: ${(error as Error).message}` };
  }
}
