import { type Connection, Schema } from 'mongoose';
import type { Stan } from 'node-nats-streaming';
import { listen, type OrderEvent, publish } from './listen.ts';

/**
 * A small expiration service beside the orders service, which ends its holds by itself: what this one sends is a hint.
 * docs/peers.md says why each part is there.
 */

interface Job {
  /** The order's id: one job for each order, however often its event comes. */
  _id: string;
  dueAt: Date;
}

const jobSchema = new Schema<Job>({
  _id: String,
  dueAt: { type: Date, required: true, index: true },
});

const everyMs = 1_000;
const maxAtOnce = 100;

export async function startExpirationService({ connection, stan }: { connection: Connection; stan: Stan }) {
  const jobs = connection.model('Job', jobSchema);
  await jobs.createIndexes();

  await listen<OrderEvent & { expiresAt: string }>({
    stan,
    subject: 'order:created',
    queueGroup: 'expiration-service',
    async onMessage({ id, expiresAt }) {
      await jobs.updateOne({ _id: id }, { $setOnInsert: { dueAt: new Date(expiresAt) } }, { upsert: true });
    },
  });

  /** A process that ends in the middle of it sends a hint once more, which does no harm. */
  async function sendDue(): Promise<void> {
    for (const { id } of await jobs.find({ dueAt: { $lte: new Date() } }).limit(maxAtOnce)) {
      await publish(stan, 'expiration:complete', { orderId: id });
      await jobs.deleteOne({ _id: id });
    }
  }

  let pass = Promise.resolve();
  const timer = setInterval(() => {
    pass = pass.then(sendDue).catch((error: unknown) => console.error('the next pass tries again:', error));
  }, everyMs);

  return {
    async stop(): Promise<void> {
      clearInterval(timer);
      await pass;
    },
  };
}
