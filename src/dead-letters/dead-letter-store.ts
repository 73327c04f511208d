import { isDuplicateKey } from '../database/failures.ts';
import type { Delivery } from '../messaging/broker.ts';
import type { Clock } from '../time/clock.ts';
import type { DeadLetterModel } from './dead-letter-model.ts';

/** A MongoDB document holds at most 16 MB; of a longer message its beginning and its length are kept. */
const maxKeptBytes = 8 * 1024 * 1024;

export type DeadLetterStore = ReturnType<typeof createDeadLetterStore>;

/** Every query and every write of the messages that were set aside. */
export function createDeadLetterStore(deadLetters: DeadLetterModel, clock: Clock) {
  return {
    /** Keeps a message and why it could not be handled. Keeping the same message again changes nothing. */
    async keep({ subject, sequence, timestamp, data }: Delivery, reason: string): Promise<void> {
      try {
        await deadLetters.updateOne(
          { subject, sequence, timestamp },
          {
            $setOnInsert: {
              data: Buffer.from(data.subarray(0, maxKeptBytes)),
              ...(data.byteLength > maxKeptBytes && { truncatedFrom: data.byteLength }),
              reason,
              keptAt: clock(),
            },
          },
          { upsert: true },
        );
      } catch (error) {
        // Two deliveries of the same message at once: one of them has kept it.
        if (!isDuplicateKey(error)) throw error;
      }
    },
  };
}
