import mongoose from 'mongoose';
import type { OutgoingEvent } from '../messaging/contracts.ts';
import type { OrderModel, OrderRecord } from '../orders/order-model.ts';

const { ObjectId } = mongoose.Types;

export interface DueOutbox {
  orderId: string;
  dueAt: Date;
}

/** What became of an order's events: those that the broker has, and when the rest may be tried again. */
export interface Delivered {
  orderId: string;
  eventIds: string[];
  restDueAt: Date;
}

export type OutboxStore = ReturnType<typeof createOutboxStore>;

/** Every query and every write of the outboxes, which lie in the orders. */
export function createOutboxStore(orders: OrderModel) {
  return {
    /** Outboxes that nobody is sending, those due longest first. Costs the same however many orders are stored. */
    async findDue(now: Date, limit: number): Promise<DueOutbox[]> {
      const found = await orders
        .find({ relayDueAt: { $lte: now } }, { relayDueAt: 1 })
        .sort({ relayDueAt: 1 })
        .limit(limit)
        .lean<Required<Pick<OrderRecord, '_id' | 'relayDueAt'>>[]>();
      return found.map(({ _id, relayDueAt }) => ({ orderId: _id.toHexString(), dueAt: relayDueAt }));
    },

    /** Takes a due outbox until `leaseEnd`, unless somebody else was faster. Resolves with its events. */
    async claim({ orderId, dueAt }: DueOutbox, leaseEnd: Date): Promise<OutgoingEvent[]> {
      const claimed = await orders
        .findOneAndUpdate(
          { _id: orderId, relayDueAt: dueAt },
          { $set: { relayDueAt: leaseEnd } },
          { projection: { outbox: 1 } },
        )
        .lean<Pick<OrderRecord, 'outbox'>>();
      return claimed?.outbox ?? [];
    },

    /**
     * Removes what the broker has acknowledged, of many orders in one round trip. By id, never by position: a
     * process that was frozen for a while would remove what it has not sent.
     */
    async remove(delivered: Delivered[]): Promise<void> {
      await orders.collection.bulkWrite(
        delivered.map(({ orderId, eventIds, restDueAt }) => ({
          updateOne: {
            filter: { _id: new ObjectId(orderId) },
            update: [
              { $set: { outbox: without(eventIds) } },
              { $set: { relayDueAt: { $cond: [{ $eq: ['$outbox', []] }, '$$REMOVE', restDueAt] } } },
            ],
          },
        })),
        { ordered: false },
      );
    },
  };
}

function without(eventIds: string[]) {
  return {
    $filter: { input: '$outbox', as: 'event', cond: { $not: { $in: ['$$event.eventId', eventIds] } } },
  };
}
