import mongoose from 'mongoose';
import { deadLetterModel } from '../../src/messaging/dead-letters/dead-letter-model.ts';
import { parkedUpdateModel, ticketModel } from '../../src/tickets/store/ticket-model.ts';

/** The orders service's copies of the tickets. */
interface Replicas {
  /** By ticket id. */
  versions: Map<string, number>;
  /** By ticket id: the parked versions, lowest first. */
  parked: Map<string, number[]>;
  deadLetters: number;
}

export interface ReplicaReader {
  read(): Promise<Replicas>;
  stop(): Promise<void>;
}

/** Reads the orders service's database, since the service has no API for its replicas. */
export async function openReplicaReader(mongoUri: string): Promise<ReplicaReader> {
  const options = { autoIndex: false, autoCreate: false };
  const database = await mongoose.createConnection(mongoUri, options).asPromise();
  return {
    async read() {
      const [tickets, updates, deadLetters] = await Promise.all([
        ticketModel(database).find({}, { version: 1 }).lean(),
        parkedUpdateModel(database).find({}, { ticketId: 1, version: 1 }).sort({ version: 1 }).lean(),
        deadLetterModel(database).countDocuments(),
      ]);
      const parked = new Map<string, number[]>();
      for (const { ticketId, version } of updates) {
        const id = ticketId.toHexString();
        parked.set(id, [...(parked.get(id) ?? []), version]);
      }
      const versions = new Map(tickets.map(({ _id, version }) => [_id.toHexString(), version]));
      return { versions, parked, deadLetters };
    },
    stop: () => database.close(),
  };
}
