import mongoose, { type QueryFilter } from 'mongoose';
import { unordered } from '../../platform/mongo/bulk.ts';
import { eachDocument } from '../../platform/mongo/each-document.ts';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import { idsByVersion } from './ids-by-version.ts';
import { createReplicaStore } from './replica-store.ts';
import type { ParkedUpdateModel, ParkedUpdateRecord, TicketModel } from './ticket-model.ts';
import type { ParkedUpdate } from './ticket-store.ts';
import { createUnreportedSkips } from './unreported-skips.ts';

const { ObjectId } = mongoose.Types;

/** A place in the order in which updates were parked. */
export interface ParkedPosition {
  parkedAt: Date;
  ticketId: mongoose.Types.ObjectId;
}

/** Where a page begins: before an update, or with those that were parked at a time; and until which time it goes back. */
interface PageRange {
  from: ParkedPosition | Date;
  backTo: Date;
}

/** Parked updates, those that were parked last in front. */
export interface ParkedPage {
  updates: { ticketId: string; version: number }[];
  /** How many there are, with those that are not as this service writes them. */
  count: number;
  /** When the first and the last of them were parked. */
  newest: Date | undefined;
  oldest: Date | undefined;
  /** The place of the last one, where there may be more in the range; else undefined. */
  next: ParkedPosition | undefined;
}

/** What is parked for tickets: by ticket, the lowest versions first. */
interface ParkedVersions {
  byTicket: Map<string, ParkedUpdate[]>;
  /** Tickets that the limit has left out. */
  unread: string[];
}

/** The gap of one ticket: what is parked behind it. */
export interface ParkedGap {
  ticketId: string;
  parked: number;
  lowestVersion: number;
  oldestParkedAt: Date;
}

export type GapStore = ReturnType<typeof createGapStore>;

/** The queries and writes of what is parked behind gaps: for many tickets in one round trip, at bounded cost. */
export function createGapStore(tickets: TicketModel, parkedUpdates: ParkedUpdateModel) {
  const { versionsOf, advance, skip } = createReplicaStore(tickets);

  const find = (filter: QueryFilter<ParkedUpdateRecord>, limit: number) =>
    parkedUpdates
      .find(filter, { _id: 0, ticketId: 1, version: 1, parkedAt: 1 })
      .sort({ parkedAt: -1, ticketId: -1 })
      .limit(limit)
      .batchSize(inOneBatch(limit))
      .lean<ParkedUpdateRecord[]>();

  return {
    versionsOf,
    advance,
    skip,
    unreported: createUnreportedSkips(tickets),

    /** What was parked in the range, the last first, at most `limit`. SecantusDB reads the whole range for it. */
    async page({ from, backTo }: PageRange, limit: number): Promise<ParkedPage> {
      const found: ParkedUpdateRecord[] = [];
      // After a repair by hand a position may be anything; before one that is no id there is nothing to be found.
      if (!(from instanceof Date) && from.ticketId instanceof ObjectId) {
        const { parkedAt, ticketId } = from;
        found.push(...(await find({ parkedAt, ticketId: { $lt: ticketId } }, limit)));
      }
      if (found.length < limit) {
        const until = from instanceof Date ? { $lte: from } : { $lt: from.parkedAt };
        found.push(...(await find({ parkedAt: { $gte: backTo, ...until } }, limit - found.length)));
      }
      const last = found.at(-1);
      return {
        updates: found
          // A repair by hand may have left anything.
          .filter(({ ticketId }) => ticketId instanceof ObjectId)
          .map(({ ticketId, version }) => ({ ticketId: ticketId.toHexString(), version })),
        count: found.length,
        newest: found[0]?.parkedAt,
        oldest: last?.parkedAt,
        next: last && found.length === limit ? last : undefined,
      };
    },

    /** What is parked for the tickets, at most `limit` updates of all of them together. */
    async parkedFor(ticketIds: string[], limit: number): Promise<ParkedVersions> {
      const found = await parkedUpdates
        .find({ ticketId: { $in: ticketIds.map((id) => new ObjectId(id)) } }, { _id: 0 })
        .sort({ ticketId: 1, version: 1 })
        .limit(limit)
        .batchSize(inOneBatch(limit))
        .lean<ParkedUpdateRecord[]>();
      const byTicket = new Map<string, ParkedUpdate[]>();
      for (const { ticketId, ...update } of found) {
        const id = ticketId.toHexString();
        const parked = byTicket.get(id) ?? [];
        byTicket.set(id, parked);
        parked.push({ ...update, id });
      }
      // They come in the order of the tickets' ids.
      const last = found.length === limit ? found.at(-1)?.ticketId.toHexString() : undefined;
      return { byTicket, unread: last === undefined ? [] : ticketIds.filter((id) => id > last) };
    },

    /** Forgets parked updates that the copies have reached, by ticket. */
    async removeReached(reached: ReadonlyMap<string, number>): Promise<void> {
      const deletions = idsByVersion(reached).map(({ version, ticketIds }) => ({
        deleteMany: { filter: { ticketId: { $in: ticketIds }, version: { $lte: version } } },
      }));
      if (deletions.length > 0) await parkedUpdates.bulkWrite(deletions, unordered);
    },

    /** Every gap, one at a time, by ticket. Reads all that is parked: for reports. */
    async *everyGap(): AsyncGenerator<ParkedGap> {
      let gap: ParkedGap | undefined;
      const all = parkedUpdates
        .find({}, { ticketId: 1, version: 1, parkedAt: 1 })
        .sort({ ticketId: 1, version: 1 })
        .lean<ParkedUpdateRecord[]>();
      for await (const { ticketId, version, parkedAt } of eachDocument(all)) {
        if (gap?.ticketId === String(ticketId)) {
          gap.parked++;
          if (parkedAt < gap.oldestParkedAt) gap.oldestParkedAt = parkedAt;
        } else {
          if (gap) yield gap;
          gap = { ticketId: String(ticketId), parked: 1, lowestVersion: version, oldestParkedAt: parkedAt };
        }
      }
      if (gap) yield gap;
    },
  };
}
