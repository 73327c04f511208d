import mongoose, { type QueryFilter } from 'mongoose';
import { unordered } from '../../platform/mongo/bulk-writes.ts';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import { streamDocuments } from '../../platform/mongo/stream-documents.ts';
import { operationTimeoutMs } from '../../platform/mongo/timeouts.ts';
import { idsByVersion } from './ids-by-version.ts';
import { createReplicaStore } from './replica-store.ts';
import type { ParkedUpdateModel, ParkedUpdateRecord, TicketModel } from './ticket-model.ts';
import type { ParkedUpdate } from './ticket-store.ts';
import { createUnreportedSkipsStore } from './unreported-skips-store.ts';

const { ObjectId } = mongoose.Types;

/** The position of an update, in the order of `parkedAt` and `ticketId`. */
export interface ParkedPosition {
  parkedAt: Date;
  ticketId: mongoose.Types.ObjectId;
}

/** A page starts before an update, or at a time, and goes back to `backTo`. */
interface PageRange {
  from: ParkedPosition | Date;
  backTo: Date;
}

/** Parked updates, newest first. */
export interface ParkedPage {
  updates: { ticketId: string; version: number }[];
  /** The number of updates, including malformed ones. */
  count: number;
  /** When the newest and the oldest of them were parked. */
  newest: Date | undefined;
  oldest: Date | undefined;
  /** The position of the last one, if there may be more in the range; else undefined. */
  next: ParkedPosition | undefined;
}

/** Parked updates by ticket, the lowest versions first. */
interface ParkedVersions {
  byTicket: Map<string, ParkedUpdate[]>;
  /** Tickets that were not read because of the limit. */
  unread: string[];
}

/** The gap of one ticket, and the updates that are parked after it. */
export interface ParkedGap {
  ticketId: string;
  parked: number;
  lowestVersion: number;
  oldestParkedAt: Date;
}

export type GapStore = ReturnType<typeof createGapStore>;

/** The queries and writes for closing gaps: of many tickets in one round trip, at limited cost. */
export function createGapStore(tickets: TicketModel, parkedUpdates: ParkedUpdateModel) {
  const { versionsOf, advance, skip } = createReplicaStore(tickets);

  const find = (filter: QueryFilter<ParkedUpdateRecord>, limit: number) =>
    parkedUpdates
      .find(filter, { _id: 0, ticketId: 1, version: 1, parkedAt: 1 })
      .sort({ parkedAt: -1, ticketId: -1 })
      .limit(limit)
      .batchSize(inOneBatch(limit))
      // A server that ignores the limit would go on long after the driver has given up.
      .maxTimeMS(operationTimeoutMs)
      .lean<ParkedUpdateRecord[]>();

  return {
    versionsOf,
    advance,
    skip,
    unreported: createUnreportedSkipsStore(tickets),

    /** The updates that were parked in the range, newest first, at most `limit`. SecantusDB reads the whole range. */
    async page({ from, backTo }: PageRange, limit: number): Promise<ParkedPage> {
      const found: ParkedUpdateRecord[] = [];
      // After a manual repair the position may have any value. Without a valid id there is nothing to find before it.
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
          // A manual repair may have stored any value.
          .filter(({ ticketId }) => ticketId instanceof ObjectId)
          .map(({ ticketId, version }) => ({ ticketId: ticketId.toHexString(), version })),
        count: found.length,
        newest: found[0]?.parkedAt,
        oldest: last?.parkedAt,
        next: last && found.length === limit ? last : undefined,
      };
    },

    /** The parked updates of the tickets, at most `limit` in total. */
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
      // The updates are sorted by the tickets' ids.
      const last = found.length === limit ? found.at(-1)?.ticketId.toHexString() : undefined;
      return { byTicket, unread: last === undefined ? [] : ticketIds.filter((id) => id > last) };
    },

    /** Deletes parked updates that the copies have reached, by ticket. */
    async removeReached(reached: ReadonlyMap<string, number>): Promise<void> {
      const deletions = idsByVersion(reached).map(({ version, ticketIds }) => ({
        deleteMany: { filter: { ticketId: { $in: ticketIds }, version: { $lte: version } } },
      }));
      if (deletions.length > 0) await parkedUpdates.bulkWrite(deletions, unordered);
    },

    /** Every gap, one at a time, by ticket. Reads everything that is parked: for reports. */
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
