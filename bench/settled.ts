import { setTimeout as delay } from 'node:timers/promises';
import type { Contestant } from './stage.ts';

const withinMs = 120_000;

/**
 * Resolves when the service has nothing left to send. The usual way has sent everything when it answers.
 *
 * @throws when it still has after two minutes
 */
export async function settled({ name, database }: Pick<Contestant, 'name' | 'database'>): Promise<void> {
  if (name === 'the usual way') return;
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    const waiting = await database.collection('orders').findOne({ relayDueAt: { $gt: new Date(0) } });
    if (!waiting) return;
    await delay(20);
  }
  throw new Error(`events still wait for the broker after ${withinMs / 1_000} s`);
}
