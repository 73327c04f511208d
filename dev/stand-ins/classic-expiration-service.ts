import type { NatsStreamingAddress } from '../embedded/embedded-server.ts';
import { connectClassicPeer } from './classic-peer.ts';

/** The longest delay of a timer, about 25 days. A hint that comes too early changes nothing. */
const maxDelayMs = 2 ** 31 - 1;

/**
 * Stands in for the expiration service of a classic marketplace: every `order:created` makes a job that is delayed until
 * `expiresAt` and then publishes `expiration:complete`, whatever has become of the order. One that comes again makes another.
 */
export function startClassicExpirationService({ broker }: { broker: NatsStreamingAddress }): {
  stop(): Promise<void>;
} {
  const peer = connectClassicPeer(broker, 'classic-expiration');
  const jobs = new Set<NodeJS.Timeout>();

  peer.listen('order:created', async ({ id, expiresAt }) => {
    const delayMs = Math.min(maxDelayMs, Date.parse(expiresAt) - Date.now());
    const job = setTimeout(() => {
      jobs.delete(job);
      void peer.publish('expiration:complete', JSON.stringify({ orderId: id }));
    }, delayMs);
    jobs.add(job);
  });

  return {
    async stop() {
      for (const job of jobs) clearTimeout(job);
      await peer.stop();
    },
  };
}
