import type { ReplicaReader } from './storefront/replica-reader.ts';
import { waitUntil } from './wait-until.ts';

const timeoutMs = 30_000;

/**
 * Resolves when the service has its copy of every ticket, so that each can be bought.
 *
 * @throws when one is still missing after 30 s
 */
export async function waitForReplicas(replicas: ReplicaReader, ticketIds: readonly string[]): Promise<void> {
  const complete = async () => {
    const { versions } = await replicas.read();
    return ticketIds.every((id) => versions.has(id));
  };
  await waitUntil(complete, {
    timeoutMs,
    everyMs: 100,
    onTimeout: (cause) =>
      new Error(
        `the service has not received every ticket after ${timeoutMs / 1_000} s: is the broker there (NATS_URL or JETSTREAM_URL)?`,
        { cause },
      ),
  });
}
