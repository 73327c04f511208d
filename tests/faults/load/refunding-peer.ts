import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, Delivery } from '../../../src/messaging/broker.ts';
import { randomFrom } from '../random.ts';
import type { Publish } from './publisher.ts';

interface RefundingPeerDeps {
  seed: number;
  subscribe: Broker['subscribe'];
  publish: Publish;
  holdMs: number;
}

interface AskedRefund {
  eventId: string;
  orderId: string;
  paymentId: string;
}

/**
 * Hears what is to be given back and tells, for most of it, that it was: at once or later, and some twice, at once or long
 * after.
 */
export function startRefundingPeer({ seed, subscribe, publish, holdMs }: RefundingPeerDeps): {
  /** Resolves when it is not telling anything and will not again. */
  stop(): Promise<void>;
} {
  const over = new AbortController();
  const known = new Set<string>();
  const telling = new Set<Promise<void>>();

  async function tell(message: string, afterMs: number): Promise<void> {
    await delay(afterMs);
    if (!over.signal.aborted) await publish('payment:refunded', message);
  }

  function answer({ data }: Delivery): void {
    const { eventId, orderId, paymentId } = JSON.parse(Buffer.from(data).toString()) as AskedRefund;
    if (known.has(eventId)) return;
    known.add(eventId);
    const random = randomFrom(seed, eventId);
    if (random.chance(0.15)) return;
    const pause = () => (random.chance(0.5) ? 0 : random.between(0, holdMs * 3));
    for (let copy = random.chance(0.25) ? 2 : 1; copy > 0; copy--) {
      const message = JSON.stringify({ id: `re-${copy}-${paymentId}`, orderId, paymentId });
      const told = tell(message, pause()).finally(() => telling.delete(told));
      telling.add(told);
    }
  }

  subscribe('order:refund-required', async (delivery) => {
    if (over.signal.aborted) return 'redeliver';
    answer(delivery);
    return 'acknowledge';
  });
  return {
    async stop() {
      over.abort();
      await Promise.all(telling);
    },
  };
}
