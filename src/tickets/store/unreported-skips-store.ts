import { unordered } from '../../platform/mongo/bulk-writes.ts';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import type { SkippedVersions } from '../domain/ticket.ts';
import { idsByVersion } from './ids-by-version.ts';
import type { TicketModel, TicketRecord } from './ticket-model.ts';

/** A gap that was closed, which has not been reported. */
export interface UnreportedSkip {
  ticketId: string;
  skipped: SkippedVersions;
}

/** Closed gaps that must still be reported. The write that closes a gap also marks it, so a crash loses none. */
export function createUnreportedSkipsStore(tickets: TicketModel) {
  return {
    /** Gaps that have not been reported, at most `limit`. The cost grows with these, not with the tickets stored. */
    async find(limit: number): Promise<UnreportedSkip[]> {
      const marked = await tickets
        // A range, since the sparse index is no help with `$exists` everywhere.
        .find({ unreportedJump: { $gte: 0 } }, { unreportedJump: 1, jumps: 1 })
        .limit(limit)
        .batchSize(inOneBatch(limit))
        .lean<TicketRecord[]>();
      return marked.map(({ _id, unreportedJump = 0, jumps = [] }) => ({
        ticketId: _id.toHexString(),
        skipped: jumps.findLast(({ to }) => to === unreportedJump) ?? { to: unreportedJump, at: new Date(0) },
      }));
    },

    /** Removes the marks, but not those that were written since. */
    async clear(reported: UnreportedSkip[]): Promise<void> {
      const marks = reported.map(({ ticketId, skipped }): [string, number] => [ticketId, skipped.to]);
      const updates = idsByVersion(marks).map(({ version, ticketIds }) => ({
        updateMany: {
          filter: { _id: { $in: ticketIds }, unreportedJump: version },
          update: { $unset: { unreportedJump: 1 as const } },
        },
      }));
      if (updates.length > 0) await tickets.bulkWrite(updates, unordered);
    },
  };
}
