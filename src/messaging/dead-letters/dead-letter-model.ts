import { type Connection, type Model, Schema, type Types } from 'mongoose';
import type { IndexedCollection, WantedIndex } from '../../platform/mongo/indexes.ts';
import type { Origin } from '../broker.ts';

/** A message that could not be handled, as it was delivered. */
export interface DeadLetterRecord {
  _id: Types.ObjectId;
  subject: string;
  sequence: number;
  /** The server's time of the message in nanoseconds: with it a letter stays unique when sequences start again. */
  timestamp: string;
  /** The broker and the stream that it came by; absent: NATS Streaming, whose channel is the subject. */
  origin?: Origin;
  data: Buffer;
  /** The message's length in bytes, where `data` is only its beginning. */
  truncatedFrom?: number;
  reason: string;
  keptAt: Date;
}

const required = true;

const deadLetterSchema = new Schema<DeadLetterRecord>(
  {
    subject: { type: String, required },
    sequence: { type: Number, required },
    timestamp: { type: String, required },
    origin: new Schema(
      { broker: { type: String, required }, stream: { type: String, required } },
      { _id: false },
    ),
    data: { type: Buffer, required },
    truncatedFrom: Number,
    reason: { type: String, required },
    keptAt: { type: Date, required },
  },
  { collection: 'dead_letters', versionKey: false, strict: 'throw', strictQuery: 'throw' },
);

const deadLetterIndexes: readonly WantedIndex[] = [
  { name: 'one_per_message', key: { subject: 1, sequence: 1, timestamp: 1 }, unique: true },
];

export type DeadLetterModel = Model<DeadLetterRecord>;

export function deadLetterModel(connection: Connection): DeadLetterModel {
  return connection.model<DeadLetterRecord>('DeadLetter', deadLetterSchema);
}

export function deadLetterCollection(connection: Connection): IndexedCollection {
  return { model: deadLetterModel(connection), indexes: deadLetterIndexes };
}
