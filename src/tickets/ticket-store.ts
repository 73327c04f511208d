import { isDuplicateKey } from '../database/failures.ts';
import type { Jump, Ticket } from './ticket.ts';
import type { ParkedUpdateModel, ParkedUpdateRecord, TicketModel } from './ticket-model.ts';

export interface ParkedUpdate extends Ticket {
  parkedAt: Date;
}

/** The gap of one ticket: what is parked behind it. */
export interface ParkedGap {
  ticketId: string;
  parked: number;
  lowestVersion: number;
  oldestParkedAt: Date;
}

export type TicketStore = ReturnType<typeof createTicketStore>;

/** Every query and every write of the ticket copies and of the updates parked behind gaps. */
export function createTicketStore(tickets: TicketModel, parkedUpdates: ParkedUpdateModel) {
  return {
    /** The version of the copy, or undefined where there is none. */
    async versionOf(ticketId: string): Promise<number | undefined> {
      const found = await tickets.findById(ticketId, { version: 1 }).lean();
      return found?.version;
    },

    /** The versions of the copies, by ticket; without those that do not exist. */
    async versionsOf(ticketIds: string[]): Promise<Map<string, number>> {
      if (ticketIds.length === 0) return new Map();
      const found = await tickets.find({ _id: { $in: ticketIds } }, { version: 1 }).lean();
      return new Map(found.map(({ _id, version }) => [_id.toHexString(), version]));
    },

    /** Makes the copy, unless there is one already. With `jump`, the copy begins behind versions that never came. */
    async create({ id, title, price, version }: Ticket, jump?: Jump): Promise<'applied' | 'outdated'> {
      try {
        await tickets.collection.insertOne({
          _id: new tickets.base.Types.ObjectId(id),
          title,
          price,
          version,
          ...(jump && { jumps: [jump] }),
        });
        return 'applied';
      } catch (error) {
        if (isDuplicateKey(error)) return 'outdated';
        throw error;
      }
    },

    /** Brings the copy from version `from` to the ticket's, if it still is at `from`. */
    async advance(
      { id, title, price, version }: Ticket,
      from: number,
      jump?: Jump,
    ): Promise<'applied' | 'outdated'> {
      const { matchedCount } = await tickets.updateOne(
        { _id: id, version: from },
        { $set: { title, price, version }, ...(jump && { $push: { jumps: jump } }) },
      );
      return matchedCount === 1 ? 'applied' : 'outdated';
    },

    /** Keeps an update that came too early. Parking the same version again changes nothing. */
    async park({ id, title, price, version }: Ticket, now: Date): Promise<void> {
      try {
        await parkedUpdates.updateOne(
          { ticketId: id, version },
          { $setOnInsert: { title, price, parkedAt: now } },
          { upsert: true },
        );
      } catch (error) {
        // Two upserts of the same version at once: one of them has parked it.
        if (!isDuplicateKey(error)) throw error;
      }
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

    /** Whether an update has been parked for this ticket since `cutoff` or longer. */
    async isParkedSince(ticketId: string, cutoff: Date): Promise<boolean> {
      return (await parkedUpdates.exists({ ticketId, parkedAt: { $lte: cutoff } })) !== null;
    },

    /** Forgets parked updates that the copy has reached. */
    async unpark(ticketId: string, upToVersion: number): Promise<void> {
      await parkedUpdates.deleteMany({ ticketId, version: { $lte: upToVersion } });
    },

    /** The gaps, the one open longest first. */
    async gaps(): Promise<ParkedGap[]> {
      const found = await parkedUpdates.aggregate<Omit<ParkedGap, 'ticketId'> & { _id: unknown }>([
        {
          $group: {
            _id: '$ticketId',
            parked: { $sum: 1 },
            lowestVersion: { $min: '$version' },
            oldestParkedAt: { $min: '$parkedAt' },
          },
        },
        { $sort: { oldestParkedAt: 1 } },
      ]);
      return found.map(({ _id, ...gap }) => ({ ticketId: String(_id), ...gap }));
    },
  };
}
