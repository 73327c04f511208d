import type { OrderModel, OrderRecord } from '../orders/order-model.ts';

export type AuditStore = ReturnType<typeof createAuditStore>;

/** The queries of the audit. They read every order and use no index: run it from time to time, not all the time. */
export function createAuditStore(orders: OrderModel) {
  return {
    /** Every order, one at a time. */
    everyOrder(): AsyncIterable<OrderRecord> {
      return orders.find().lean<OrderRecord[]>().cursor() as AsyncIterable<OrderRecord>;
    },

    /** Tickets that more than one order holds. Counted, not taken from the index that should make it impossible. */
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
