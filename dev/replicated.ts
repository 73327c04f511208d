import { setTimeout as delay } from 'node:timers/promises';
import type { ReplicaReader } from './storefront/replicas.ts';

const withinMs = 30_000;

/**
 * Resolves when the service has its copy of every ticket, so that each can be bought.
 *
 * @throws when one is still missing after 30 s
 */
export async function untilReplicated(replicas: ReplicaReader, ticketIds: readonly string[]): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    const { versions } = await replicas.read();
    if (ticketIds.every((id) => versions.has(id))) return;
    await delay(100);
  }
  throw new Error(
    `the service has not heard of every ticket after ${withinMs / 1000} s: is the broker there (NATS_URL)?`,
  );
}
