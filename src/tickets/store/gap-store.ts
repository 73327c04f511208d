import mongoose, { type QueryFilter } from 'mongoose';
import { unordered } from '../../platform/mongo/bulk-writes.ts';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import { streamDocuments } from '../../platform/mongo/stream-documents.ts';
import { createReplicaStore } from './replica-store.ts';
import type { ParkedUpdateModel, ParkedUpdateRecord, TicketModel } from './ticket-model.ts';
import type { ParkedUpdate } from './ticket-store.ts';
import { createUnreportedSkips } from './unreported-skips.ts';

const { ObjectId } = mongoose.Types;

type StoredUpdate = ParkedUpdateRecord & { _id: mongoose.Types.ObjectId };

/** A place in the order in which updates were parked. */
export interface ParkedPosition {
  parkedAt: Date;
  ticketId: mongoose.Types.ObjectId;
}

/** Parked updates, those that were parked first in front. */
export interface ParkedPage {
  updates: { ticketId: string; version: number }[];
  /** The place of the last one, where there may be more behind it; else undefined. */
  next: ParkedPosition | undefined;
  /** When the first one was parked. */
  since: Date | undefined;
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
      .sort({ parkedAt: 1, ticketId: 1 })
      .limit(limit)
      .batchSize(inOneBatch(limit))
      .lean<ParkedUpdateRecord[]>();

  return {
    versionsOf,
    advance,
    skip,
    unreported: createUnreportedSkips(tickets),

    /** What was parked behind a position, or from a time on, until `until`: at most `limit` updates. */
    async page(from: ParkedPosition | Date, until: Date, limit: number): Promise<ParkedPage> {
      const found: ParkedUpdateRecord[] = [];
      // After a repair by hand a position may be anything; behind one that is no id there is nothing to be found.
      if (!(from instanceof Date) && from.ticketId instanceof ObjectId) {
        const { parkedAt, ticketId } = from;
        found.push(...(await find({ parkedAt, ticketId: { $gt: ticketId } }, limit)));
      }
      if (found.length < limit) {
        const behind = from instanceof Date ? { $gte: from } : { $gt: from.parkedAt };
        found.push(...(await find({ parkedAt: { ...behind, $lte: until } }, limit - found.length)));
      }
      const last = found.at(-1);
      return {
        updates: found
          // A repair by hand may have left anything.
          .filter(({ ticketId }) => ticketId instanceof ObjectId)
          .map(({ ticketId, version }) => ({ ticketId: ticketId.toHexString(), version })),
        next: last && found.length === limit ? last : undefined,
        since: found[0]?.parkedAt,
      };
    },

    /** The lowest parked update of each ticket; without those that have none. */
    async lowestParked(ticketIds: string[]): Promise<Map<string, ParkedUpdate>> {
      const ids = ticketIds.map((id) => new ObjectId(id));
      const found = await parkedUpdates.aggregate<{ lowest: StoredUpdate }>(
        [
          { $match: { ticketId: { $in: ids } } },
          { $sort: { ticketId: 1, version: 1 } },
          { $group: { _id: '$ticketId', lowest: { $first: '$$ROOT' } } },
        ],
        { batchSize: inOneBatch(ids.length) },
      );
      return new Map(
        found.map(({ lowest: { _id, ticketId, ...update } }) => {
          const id = ticketId.toHexString();
          return [id, { ...update, id }];
        }),
      );
    },

    /** Forgets parked updates that the copies have reached, by ticket. */
    async removeReached(reached: ReadonlyMap<string, number>): Promise<void> {
      const deletions = Array.from(reached, ([id, version]) => ({
        deleteMany: { filter: { ticketId: new ObjectId(id), version: { $lte: version } } },
      }));
      if (deletions.length > 0) await parkedUpdates.bulkWrite(deletions, unordered);
    },

    /** How many updates are parked, from the collection's own count. */
    async countParked(): Promise<number> {
      return parkedUpdates.estimatedDocumentCount();
    },

    /** Every gap, one at a time, by ticket. Reads all that is parked: for reports. */
    async *everyGap(): AsyncGenerator<ParkedGap> {
      let gap: ParkedGap | undefined;
      const all = parkedUpdates
        .find({}, { ticketId: 1, version: 1, parkedAt: 1 })
        .sort({ ticketId: 1, version: 1 })
        .lean<ParkedUpdateRecord[]>();
      for await (const { ticketId, version, parkedAt } of streamDocuments(all)) {
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
