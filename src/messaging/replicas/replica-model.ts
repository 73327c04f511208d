import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** A process of the service, as it has last reported itself. */
export interface ReplicaRecord {
  _id: Types.ObjectId;
  /** The name of its machine; in Kubernetes that of its pod. */
  host: string;
  pid: number;
  /** The broker that it is configured for, in words for people. */
  broker: string;
  /** Whether it publishes nothing. */
  paused: boolean;
  /** By the database's clock. */
  seenAt: Date;
}

const required = true;

const replicaSchema = new Schema<ReplicaRecord>(
  {
    host: { type: String, required },
    pid: { type: Number, required },
    broker: { type: String, required },
    paused: { type: Boolean, required },
    seenAt: { type: Date, required },
  },
  { collection: 'replicas', versionKey: false, strict: 'throw', strictQuery: 'throw' },
);

export type ReplicaModel = Model<ReplicaRecord>;

export function replicaModel(connection: Connection): ReplicaModel {
  return connection.model<ReplicaRecord>('Replica', replicaSchema);
}
