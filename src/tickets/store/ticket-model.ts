import { type Connection, type Model, Schema, type Types } from 'mongoose';
import type { IndexedCollection, WantedIndex } from '../../platform/mongo/indexes.ts';
import type { SkippedVersions, TicketReset } from '../domain/ticket.ts';

/** The service's own copy of a ticket. Its version is the last event's, so it is never written by `save`. */
export interface TicketRecord {
  _id: Types.ObjectId;
  title: string;
  price: number;
  version: number;
  /** The gaps that were closed without the versions in them. */
  jumps?: SkippedVersions[];
  /** The resets by operators, the last one at the end. */
  resets?: TicketReset[];
  /** The version that the copy had after a closed gap that has not been reported yet. */
  unreportedJump?: number;
  /** The id of the last write. It shows the writer that its version was written. */
  lastWrite?: Types.ObjectId;
  /** Since when nobody can buy the ticket, by an operator's wish; absent while it is for sale. Replication leaves it alone. */
  withdrawnAt?: Date;
}

/** An update that came before its predecessor and waits for it. */
export interface ParkedUpdateRecord {
  ticketId: Types.ObjectId;
  version: number;
  title: string;
  price: number;
  parkedAt: Date;
}

const required = true;
const settings = { versionKey: false, strict: 'throw', strictQuery: 'throw' } as const;

const ticketSchema = new Schema<TicketRecord>(
  {
    title: { type: String },
    price: { type: Number, required },
    version: { type: Number, required },
    jumps: {
      type: [new Schema({ after: Number, to: Number, at: Date }, { _id: false })],
      default: undefined,
    },
    resets: {
      type: [new Schema({ from: Number, to: Number, at: Date, reason: String }, { _id: false })],
      default: undefined,
    },
    unreportedJump: Number,
    lastWrite: Schema.Types.ObjectId,
    withdrawnAt: Date,
  },
  { collection: 'tickets', ...settings },
);

const parkedUpdateSchema = new Schema<ParkedUpdateRecord>(
  {
    ticketId: { type: Schema.Types.ObjectId, required },
    version: { type: Number, required },
    title: { type: String },
    price: { type: Number, required },
    parkedAt: { type: Date, required },
  },
  { collection: 'parked_ticket_updates', ...settings },
);

const parkedUpdateIndexes: readonly WantedIndex[] = [
  { name: 'one_per_ticket_and_version', key: { ticketId: 1, version: 1 }, unique: true },
  { name: 'parked_longest_first', key: { parkedAt: 1, ticketId: 1 } },
];

/** Other queries are by `_id`. Sparse, so only tickets with a gap to be reported, or withdrawn ones, are in them. */
const ticketIndexes: readonly WantedIndex[] = [
  { name: 'unreported_jumps', key: { unreportedJump: 1 }, sparse: true },
  { name: 'withdrawn_tickets', key: { withdrawnAt: 1 }, sparse: true },
];

export type TicketModel = Model<TicketRecord>;
export type ParkedUpdateModel = Model<ParkedUpdateRecord>;

export function ticketModel(connection: Connection): TicketModel {
  return connection.model<TicketRecord>('Ticket', ticketSchema);
}

export function parkedUpdateModel(connection: Connection): ParkedUpdateModel {
  return connection.model<ParkedUpdateRecord>('ParkedTicketUpdate', parkedUpdateSchema);
}

export function ticketCollection(connection: Connection): IndexedCollection {
  return { model: ticketModel(connection), indexes: ticketIndexes };
}

export function parkedUpdateCollection(connection: Connection): IndexedCollection {
  return { model: parkedUpdateModel(connection), indexes: parkedUpdateIndexes };
}
