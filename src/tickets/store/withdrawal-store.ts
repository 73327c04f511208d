import mongoose from 'mongoose';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import type { TicketModel, TicketRecord } from './ticket-model.ts';

export type WithdrawalStore = ReturnType<typeof createWithdrawalStore>;

const idsOf = (ticketIds: readonly string[]) => ({
  _id: { $in: ticketIds.map((id) => new mongoose.Types.ObjectId(id)) },
});

/** The reads and writes of tickets that an operator takes from sale. Neither touches what replication writes. */
export function createWithdrawalStore(tickets: TicketModel) {
  return {
    /** The tickets that there is a copy of, each with the time since when it is withdrawn; undefined while it is for sale. */
    async find(ticketIds: readonly string[]): Promise<Map<string, Date | undefined>> {
      const found = await tickets
        .find(idsOf(ticketIds), { withdrawnAt: 1 })
        .batchSize(inOneBatch(ticketIds.length))
        .lean<Pick<TicketRecord, '_id' | 'withdrawnAt'>[]>();
      return new Map(found.map(({ _id, withdrawnAt }) => [_id.toHexString(), withdrawnAt]));
    },

    /** Nobody can buy these tickets from now on. One that is withdrawn already keeps its time. */
    async withdraw(ticketIds: readonly string[], now: Date): Promise<void> {
      await tickets.updateMany({ ...idsOf(ticketIds), withdrawnAt: null }, { $set: { withdrawnAt: now } });
    },

    /** These tickets can be bought again. */
    async offer(ticketIds: readonly string[]): Promise<void> {
      await tickets.updateMany(idsOf(ticketIds), { $unset: { withdrawnAt: 1 } });
    },
  };
}
