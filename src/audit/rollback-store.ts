import type { DeadLetterModel, DeadLetterRecord } from '../messaging/dead-letters/dead-letter-model.ts';
import { streamDocuments } from '../platform/mongo/stream-documents.ts';
import type { TicketModel, TicketRecord } from '../tickets/store/ticket-model.ts';

export type RollbackStore = ReturnType<typeof createRollbackStore>;

/** The reads of the check before a rollback, orders aside. Each has an index. */
export function createRollbackStore(tickets: TicketModel, deadLetters: DeadLetterModel) {
  return {
    /** The ids of the tickets that are withdrawn, one at a time. */
    async *withdrawnTickets(): AsyncGenerator<string> {
      // A range, which a sparse index serves everywhere.
      const withdrawn = tickets.find({ withdrawnAt: { $gt: new Date(0) } }, { _id: 1 });
      for await (const { _id } of streamDocuments(withdrawn.lean<Pick<TicketRecord, '_id'>[]>()))
        yield _id.toHexString();
    },

    /** The ids of the dead letters of a subject, one at a time. */
    async *deadLettersOf(subject: string): AsyncGenerator<string> {
      const letters = deadLetters.find({ subject }, { _id: 1 });
      for await (const { _id } of streamDocuments(letters.lean<Pick<DeadLetterRecord, '_id'>[]>()))
        yield _id.toHexString();
    },
  };
}
