import mongoose, { type QueryFilter } from 'mongoose';
import { createBatcher } from '../../platform/mongo/batcher.ts';
import { bulkOutcomes, unordered, validated } from '../../platform/mongo/bulk-writes.ts';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import type { SkippedVersions, Ticket } from '../domain/ticket.ts';
import type { TicketModel, TicketRecord } from './ticket-model.ts';

const { ObjectId } = mongoose.Types;

/** A version of a ticket to write, and the version that the copy must have before. */
interface Step {
  ticket: Ticket;
  from: number;
  /** The versions in between, when a gap is closed. */
  skipped?: SkippedVersions;
}

/** The writes of ticket copies. Writes of the same moment share a round trip, each with its own outcome. */
export function createReplicaStore(tickets: TicketModel) {
  const insert = createBatcher({
    runBatch: (records: TicketRecord[]) =>
      bulkOutcomes(tickets.insertMany(records, validated), records.length),
  });

  const update = createBatcher({ runBatch: (steps: Step[]) => takeSteps(tickets, steps) });

  const insertCopy = async ({ id, title, price, version }: Ticket, skipped?: SkippedVersions) => {
    const unreported = skipped && { jumps: [skipped], unreportedJump: skipped.to };
    const record = { _id: new ObjectId(id), title, price, version, ...unreported } satisfies TicketRecord;
    const outcome = await insert(await tickets.validate(record));
    return outcome === 'refused' ? 'outdated' : 'applied';
  };

  return {
    /** The versions of the copies by ticket. Tickets without a copy are left out. */
    async versionsOf(ticketIds: string[]): Promise<Map<string, number>> {
      if (ticketIds.length === 0) return new Map();
      return versionsBy(tickets, ticketIds);
    },

    /** Creates the copy, unless there is one already. */
    async create(ticket: Ticket): Promise<'applied' | 'outdated'> {
      return insertCopy(ticket);
    },

    /**
     * Writes the ticket's version if the copy is still at `from`, otherwise resolves with `outdated`. Also `outdated` when
     * another process wrote the next version before this outcome was read: that process drains the parked updates.
     */
    async advance(ticket: Ticket, from: number): Promise<'applied' | 'outdated'> {
      return update({ ticket, from });
    },

    /**
     * Closes a gap: writes the ticket's version, if the copy still is at `skipped.after`, or does not exist. Stores the
     * skipped versions with it (field `jumps`), and marks them as unreported (`unreportedJump`).
     */
    async skip(ticket: Ticket, skipped: SkippedVersions): Promise<'applied' | 'outdated'> {
      if (skipped.after === undefined) return insertCopy(ticket, skipped);
      return update({ ticket, from: skipped.after, skipped });
    },
  };
}

async function takeSteps(tickets: TicketModel, steps: Step[]): Promise<('applied' | 'outdated' | Error)[]> {
  const lastWrite = new ObjectId();
  const updates = steps.map(({ ticket: { id, title, price, version }, from, skipped }) => ({
    updateOne: {
      filter: { _id: new ObjectId(id), version: from },
      update: {
        $set: { title, price, version, lastWrite, ...(skipped && { unreportedJump: skipped.to }) },
        ...(skipped && { $push: { jumps: skipped } }),
      },
    },
  }));
  let matched = 0;
  // One that cannot be written must not fail the others of its bulk. No validators run in it: the schema has only
  // `required`, and an event has every field (ticket-listeners.ts).
  const bulk = tickets.bulkWrite(updates, unordered).then(({ matchedCount }) => {
    matched = matchedCount;
  });
  const outcomes = await bulkOutcomes(bulk, steps.length);
  if (matched === steps.length) return steps.map(() => 'applied');
  // The result of a bulk write does not say which filters matched; `lastWrite` does.
  const ids = steps.map(({ ticket }) => ticket.id);
  const reached = await versionsBy(tickets, ids, { lastWrite });
  return steps.map(({ ticket }, index) => {
    const outcome = outcomes[index];
    if (outcome instanceof Error) return outcome;
    return (reached.get(ticket.id) ?? -1) >= ticket.version ? 'applied' : 'outdated';
  });
}

async function versionsBy(
  tickets: TicketModel,
  ticketIds: string[],
  condition: QueryFilter<TicketRecord> = {},
): Promise<Map<string, number>> {
  const filter = { ...condition, _id: { $in: ticketIds.map((id) => new ObjectId(id)) } };
  const found = await tickets
    .find(filter, { version: 1 })
    .batchSize(inOneBatch(ticketIds.length))
    .lean<TicketRecord[]>();
  return new Map(found.map(({ _id, version }) => [_id.toHexString(), version]));
}
