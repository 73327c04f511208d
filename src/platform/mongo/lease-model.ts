import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** A lease: the process that has it, and until when. */
interface LeaseRecord {
  _id: string;
  holder: Types.ObjectId;
  until: Date;
}

const required = true;

const leaseSchema = new Schema<LeaseRecord>(
  {
    _id: { type: String, required },
    holder: { type: Schema.Types.ObjectId, required },
    until: { type: Date, required },
  },
  { collection: 'leases', versionKey: false, strict: 'throw', strictQuery: 'throw' },
);

export type LeaseModel = Model<LeaseRecord>;

export function leaseModel(connection: Connection): LeaseModel {
  return connection.model<LeaseRecord>('Lease', leaseSchema);
}
