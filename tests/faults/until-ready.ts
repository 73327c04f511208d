import { setTimeout as delay } from 'node:timers/promises';
import type { Exit } from './history/history.ts';

const readyWithinMs = 60_000;

/**
 * Waits until a service has its database and its broker, as the details of its readiness say.
 *
 * @throws when it has not within a minute, or when a process has ended
 */
export async function untilReady(url: string, exits: readonly Exit[]): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline && exits.length === 0) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    const state = (await answer?.json()) as { database?: string; broker?: string } | undefined;
    if (state?.database === 'up' && state.broker === 'up') return;
    await delay(100);
  }
  throw new Error(
    `a service did not start: ${exits[0]?.how ?? `not ready after ${readyWithinMs / 1_000} s`}`,
  );
}
