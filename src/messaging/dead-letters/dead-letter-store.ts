import { isDuplicateKey } from '../../platform/mongo/database-errors.ts';
import { streamDocuments } from '../../platform/mongo/stream-documents.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { Delivery } from '../broker.ts';
import type { DeadLetterModel, DeadLetterRecord } from './dead-letter-model.ts';

/** A MongoDB document holds at most 16 MB; of a longer message its beginning and its length are kept. */
const maxKeptBytes = 8 * 1024 * 1024;

/** Counting more takes time, and an operator learns no more from it. */
const maxCounted = 10_000;

export interface DeadLetter extends Omit<DeadLetterRecord, '_id'> {
  id: string;
}

/** A stored letter that cannot be read, for example after a manual repair, and why. */
export interface UnreadableLetter {
  id: string;
  problem: string;
}

export type DeadLetterStore = ReturnType<typeof createDeadLetterStore>;

/** Every query and every write of dead letters. */
export function createDeadLetterStore(deadLetters: DeadLetterModel, clock: Clock) {
  return {
    /** Stores a message and why it could not be handled. Storing the same message again changes nothing. */
    async keep({ subject, sequence, timestamp, origin, data }: Delivery, reason: string): Promise<void> {
      try {
        await deadLetters.updateOne(
          { subject, sequence, timestamp },
          {
            $setOnInsert: {
              ...(origin && { origin }),
              data: Buffer.from(data.subarray(0, maxKeptBytes)),
              ...(data.byteLength > maxKeptBytes && { truncatedFrom: data.byteLength }),
              reason,
              keptAt: clock(),
            },
          },
          { upsert: true, runValidators: true },
        );
      } catch (error) {
        // Two deliveries of the same message at once: one of them has stored it.
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** All letters, oldest first, one at a time: there may be many. */
    async *all(): AsyncGenerator<DeadLetter | UnreadableLetter> {
      const query = deadLetters.find().sort({ _id: 1 }).lean<DeadLetterRecord[]>();
      for await (const record of streamDocuments(query)) {
        yield readLetter(record);
      }
    },

    /** The number of letters, from the collection's own count. */
    count(): Promise<number> {
      return deadLetters.estimatedDocumentCount().exec();
    },

    /** The number of letters about payments, up to 10,000: read by the index of their subjects. */
    countPayments(): Promise<number> {
      return deadLetters
        .countDocuments({ subject: { $gte: 'payment:', $lt: 'payment;' } }, { limit: maxCounted })
        .exec();
    },

    async find(id: string): Promise<DeadLetter | UnreadableLetter | undefined> {
      const record = await deadLetters.findById(id).lean<DeadLetterRecord>();
      return record ? readLetter(record) : undefined;
    },

    /** Stores why a letter could not be replayed. */
    async keepAgain(id: string, reason: string): Promise<void> {
      await deadLetters.updateOne({ _id: id }, { $set: { reason } }, { runValidators: true });
    },

    /** Stores other content of a letter, which stays what it is. */
    async replaceData(id: string, data: Buffer): Promise<void> {
      await deadLetters.updateOne({ _id: id }, { $set: { data } }, { runValidators: true });
    },

    /** Deletes a letter. Resolves with whether there was one. */
    async discard(id: string): Promise<boolean> {
      return (await deadLetters.deleteOne({ _id: id })).deletedCount === 1;
    },
  };
}

function readLetter(record: DeadLetterRecord): DeadLetter | UnreadableLetter {
  const { _id, data, ...letter } = record;
  const id = String(_id);
  if (!(letter.keptAt instanceof Date)) return { id, problem: 'its keptAt is no date' };
  // The driver returns lean binary data in its own wrapper.
  const bytes: unknown = Buffer.isBuffer(data) ? data : (data as { buffer?: unknown } | undefined)?.buffer;
  if (!(bytes instanceof Uint8Array)) return { id, problem: 'its data is not binary' };
  return { id, data: Buffer.from(bytes), ...letter };
}
