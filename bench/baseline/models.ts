import mongoose, { type Connection, Schema, type Types } from 'mongoose';

/**
 * The baseline: how such a service is usually written, for comparison only. A ticket is reserved when a query finds an
 * order for it that is not cancelled. Unlike many such services it has the indexes that its queries need.
 */

interface TicketDocument {
  _id: Types.ObjectId;
  title: string;
  price: number;
  version: number;
}

export interface OrderDocument {
  _id: Types.ObjectId;
  userId: string;
  status: 'created' | 'cancelled' | 'complete';
  expiresAt: Date;
  ticket: Types.ObjectId | TicketDocument;
  version: number;
}

/** Ids as other services expect them. */
const toJSON = {
  transform(_document: unknown, shown: Record<string, unknown>) {
    shown['id'] = shown['_id'];
    delete shown['_id'];
  },
};
const settings = { versionKey: 'version', optimisticConcurrency: true, toJSON } as const;

const ticketSchema = new Schema<TicketDocument>(
  { title: { type: String, required: true }, price: { type: Number, required: true, min: 0 } },
  settings,
);

const orderSchema = new Schema<OrderDocument>(
  {
    userId: { type: String, required: true },
    status: { type: String, required: true, enum: ['created', 'cancelled', 'complete'], default: 'created' },
    expiresAt: { type: Date },
    ticket: { type: Schema.Types.ObjectId, ref: 'Ticket' },
  },
  settings,
);
orderSchema.index({ ticket: 1, status: 1 });
orderSchema.index({ userId: 1 });

export function models(connection: Connection) {
  return {
    Ticket: connection.model('Ticket', ticketSchema),
    Order: connection.model('Order', orderSchema),
  };
}

export type Models = ReturnType<typeof models>;

/** Connects with the same durability as the candidate. */
export async function connect(uri: string): Promise<Connection> {
  return mongoose
    .createConnection(uri, { writeConcern: { w: 'majority', journal: true, wtimeoutMS: 3_000 } })
    .asPromise();
}
