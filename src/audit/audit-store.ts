import type { OrderModel, OrderRecord } from '../orders/store/order-model.ts';
import { streamDocuments } from '../platform/mongo/stream-documents.ts';
import { maxFirstVersion } from '../tickets/domain/ticket.ts';
import type { TicketModel, TicketRecord } from '../tickets/store/ticket-model.ts';

export type AuditStore = ReturnType<typeof createAuditStore>;

/** The queries of the audit. They read every order and use no index, so run them rarely. */
export function createAuditStore(orders: OrderModel, tickets: TicketModel) {
  return {
    /** Every order, one at a time. */
    everyOrder(): AsyncIterable<OrderRecord> {
      return streamDocuments(orders.find().lean<OrderRecord[]>());
    },

    /** The copies of tickets that went over a gap, or are at a version that no ticket reaches; one at a time. */
    ticketsFarAhead(): AsyncIterable<TicketRecord> {
      const filter = { $or: [{ version: { $gt: maxFirstVersion } }, { 'jumps.0': { $exists: true } }] };
      return streamDocuments(tickets.find(filter).lean<TicketRecord[]>());
    },

    /** Tickets that more than one order holds. The orders are counted, because the unique index may be missing. */
    async ticketsHeldTwice(): Promise<{ ticketId: string; orderIds: string[] }[]> {
      const found = await orders.aggregate<{ _id: unknown; orderIds: unknown[] }>([
        { $match: { status: { $in: ['pending', 'paid'] } } },
        { $group: { _id: '$ticketId', orderIds: { $push: '$_id' } } },
        { $match: { 'orderIds.1': { $exists: true } } },
      ]);
      return found.map(({ _id, orderIds }) => ({ ticketId: String(_id), orderIds: orderIds.map(String) }));
    },
  };
}
