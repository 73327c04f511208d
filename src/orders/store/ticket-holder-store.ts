import mongoose from 'mongoose';
import { isKeptHold } from '../domain/kept-hold.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { orderQueries } from './order-queries.ts';

export type TicketHolderStore = ReturnType<typeof createTicketHolderStore>;

/** The read of the orders that hold tickets, by the index that allows one for each. */
export function createTicketHolderStore(orders: OrderModel) {
  return {
    /**
     * The pending or paid orders that hold these tickets, by ticket; nearly always one, several only while the index is
     * missing. A ticket that nobody holds is left out, and so are holds that are kept for a while (domain/kept-hold.ts).
     */
    async findHolders(ticketIds: readonly string[]): Promise<Map<string, string[]>> {
      const ids = ticketIds.map((id) => new mongoose.Types.ObjectId(id));
      const { filter } = orderQueries.holders(ids);
      const found = await orders
        .find(filter, { ticketId: 1, status: 1, holdsTicket: 1 })
        .lean<Pick<OrderRecord, '_id' | 'ticketId' | 'status' | 'holdsTicket'>[]>();
      const byTicket = new Map<string, string[]>();
      for (const { _id, ticketId, ...hold } of found) {
        if (isKeptHold(hold)) continue;
        const id = ticketId.toHexString();
        byTicket.set(id, [...(byTicket.get(id) ?? []), String(_id)]);
      }
      return byTicket;
    },
  };
}
