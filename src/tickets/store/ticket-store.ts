import { isDuplicateKey } from '../../platform/mongo/database-errors.ts';
import { createLoader } from '../../platform/mongo/loader.ts';
import type { Ticket } from '../domain/ticket.ts';
import { createReplicaStore } from './replica-store.ts';
import type { ParkedUpdateModel, ParkedUpdateRecord, TicketModel } from './ticket-model.ts';

export interface ParkedUpdate extends Ticket {
  parkedAt: Date;
}

export type TicketStore = ReturnType<typeof createTicketStore>;

/** The queries and writes of ticket copies and parked updates for handling messages. */
export function createTicketStore(tickets: TicketModel, parkedUpdates: ParkedUpdateModel) {
  const { create, advance } = createReplicaStore(tickets);
  const findParked = createLoader({
    find: (ticketIds) => parkedUpdates.distinct('ticketId', { ticketId: { $in: ticketIds } }),
    idOf: (ticketId) => ticketId,
  });

  return {
    create,
    advance,

    /** The version of the copy, or undefined when there is none. */
    async versionOf(ticketId: string): Promise<number | undefined> {
      const found = await tickets.findById(ticketId, { version: 1 }).lean();
      return found?.version;
    },

    /** Stores an update that came too early. Parking the same version again changes nothing. */
    async park({ id, title, price, version }: Ticket, now: Date): Promise<void> {
      try {
        await parkedUpdates.updateOne(
          { ticketId: id, version },
          { $setOnInsert: { title, price, parkedAt: now } },
          { upsert: true },
        );
      } catch (error) {
        // Two upserts of the same version at the same time: the other one has parked it.
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** Whether anything is parked for the ticket. Calls of the same moment share a query. */
    async isAnyParked(ticketId: string): Promise<boolean> {
      return (await findParked(ticketId)) !== undefined;
    },

    /** The parked updates of a ticket, the lowest versions first. */
    async parked(ticketId: string, limit: number): Promise<ParkedUpdate[]> {
      const found = await parkedUpdates
        .find({ ticketId })
        .sort({ version: 1 })
        .limit(limit)
        .lean<ParkedUpdateRecord[]>();
      return found.map((update) => ({ ...update, id: ticketId }));
    },

    /** Deletes parked updates that the copy has reached. */
    async unpark(ticketId: string, upToVersion: number): Promise<void> {
      await parkedUpdates.deleteMany({ ticketId, version: { $lte: upToVersion } });
    },
  };
}
