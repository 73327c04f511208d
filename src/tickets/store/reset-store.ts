import { highestPlausible, type TicketReset } from '../domain/ticket.ts';
import type { ParkedUpdateModel, TicketModel, TicketRecord } from './ticket-model.ts';

export type ResetStore = ReturnType<typeof createResetStore>;

/** The queries and writes of an operator's reset of a ticket. */
export function createResetStore(tickets: TicketModel, parkedUpdates: ParkedUpdateModel) {
  /** Updates that a copy at that version has reached already, or would never accept. */
  const useless = (ticketId: string, version: number) => ({
    ticketId,
    $or: [{ version: { $lte: version } }, { version: { $gt: highestPlausible(version) } }],
  });

  return {
    async find(ticketId: string): Promise<Omit<TicketRecord, '_id'> | undefined> {
      const found = await tickets.findById(ticketId).lean<TicketRecord>();
      return found ?? undefined;
    },

    /** Writes the version and the record of the reset if the copy is still at `from`. Resolves with whether it was. */
    async reset(ticketId: string, reset: TicketReset): Promise<boolean> {
      const { matchedCount } = await tickets.updateOne(
        { _id: ticketId, version: reset.from },
        { $set: { version: reset.to }, $push: { resets: reset } },
      );
      return matchedCount === 1;
    },

    /** The number of parked updates that would be useless for a copy at that version, and of the others. */
    async countParked(ticketId: string, version: number): Promise<{ useless: number; left: number }> {
      const [all, count] = await Promise.all([
        parkedUpdates.countDocuments({ ticketId }),
        parkedUpdates.countDocuments(useless(ticketId, version)),
      ]);
      return { useless: count, left: all - count };
    },

    /** Deletes those that are useless for a copy at that version. */
    async discardUselessParked(ticketId: string, version: number): Promise<void> {
      await parkedUpdates.deleteMany(useless(ticketId, version));
    },
  };
}
