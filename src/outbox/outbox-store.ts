import mongoose from 'mongoose';
import type { OutgoingEvent } from '../messaging/contracts.ts';
import type { OrderModel, OrderRecord } from '../orders/order-model.ts';

const { ObjectId } = mongoose.Types;

/** An order's outbox, oldest event first. */
export interface Outbox {
  orderId: string;
  events: OutgoingEvent[];
}

/** What became of an order's events: those that the broker has, and when the rest may be tried again. */
export interface Delivered {
  orderId: string;
  eventIds: string[];
  restDueAt: Date;
}

/** What waits for the broker. */
export interface Backlog {
  /** How many orders have events that wait, counted up to 10,000. */
  waiting: number;
  /** When the oldest of these events happened; undefined when none waits. */
  since: Date | undefined;
}

const mostCounted = 10_000;
/** Where more wait, some of those that nobody has tried to send for longest. */
const mostDated = 200;

export type OutboxStore = ReturnType<typeof createOutboxStore>;

/** Every query and every write of the outboxes, which lie in the orders. */
export function createOutboxStore(orders: OrderModel) {
  return {
    /** Orders whose outbox nobody is sending, due longest first. Costs the same however many orders are stored. */
    async findDue(now: Date, limit: number): Promise<string[]> {
      const found = await orders
        .find({ relayDueAt: { $lte: now } }, { _id: 1 })
        .sort({ relayDueAt: 1 })
        .limit(limit)
        .lean<Pick<OrderRecord, '_id'>[]>();
      return found.map(({ _id }) => _id.toHexString());
    },

    /**
     * Takes outboxes until `leaseEnd`, those that are still due: whoever else wants them now gets the others. Two
     * round trips, however many they are. Resolves with what was taken.
     */
    async claim(orderIds: string[], { now, leaseEnd }: { now: Date; leaseEnd: Date }): Promise<Outbox[]> {
      if (orderIds.length === 0) return [];
      // An update of many does not tell which it has matched, so each carries the mark of this claim.
      const relayClaim = new ObjectId();
      await orders.updateMany(
        { _id: { $in: orderIds }, relayDueAt: { $lte: now } },
        { $set: { relayDueAt: leaseEnd, relayClaim } },
      );
      const claimed = await orders
        .find({ _id: { $in: orderIds }, relayClaim }, { outbox: 1 })
        .lean<Pick<OrderRecord, '_id' | 'outbox'>[]>();
      return claimed.map(({ _id, outbox }) => ({ orderId: _id.toHexString(), events: outbox }));
    },

    /** How much waits, and for how long. Costs the same however many orders are stored. */
    async backlog(): Promise<Backlog> {
      // A range, since the sparse index is no help with `$exists` everywhere.
      const waiting = { relayDueAt: { $gt: new Date(0) } };
      const [count, records] = await Promise.all([
        orders.countDocuments(waiting, { limit: mostCounted }),
        orders
          .find(waiting, { outbox: 1, history: 1, payments: 1 })
          .sort({ relayDueAt: 1 })
          .limit(mostDated)
          .lean<WaitingRecord[]>(),
      ]);
      const times = records.flatMap((record) => happenedAt(record)?.getTime() ?? []);
      return { waiting: count, since: times.length > 0 ? new Date(Math.min(...times)) : undefined };
    },

    /**
     * Removes what the broker has acknowledged, of many orders in one round trip. By id, never by position: a
     * process that was frozen for a while would remove what it has not sent. Where an order had, or has got, further
     * events, there is a second round trip.
     */
    async remove(delivered: Delivered[]): Promise<void> {
      const others = await emptyThose(delivered);
      if (others.length === 0) return;
      await orders.collection.bulkWrite(
        others.map(({ orderId, eventIds, restDueAt }) => ({
          updateOne: {
            filter: { _id: new ObjectId(orderId) },
            update: [
              { $set: { outbox: without(eventIds) } },
              { $set: { relayDueAt: { $cond: [{ $eq: ['$outbox', []] }, '$$REMOVE', restDueAt] } } },
              { $unset: 'relayClaim' },
            ],
          },
        })),
        { ordered: false },
      );
    },
  };

  /**
   * Empties the outboxes that had one event, which was sent, and have no other meanwhile: nearly all of them, and in
   * one update for all. Resolves with those that need more than that; some of them may be empty already.
   */
  async function emptyThose(delivered: Delivered[]): Promise<Delivered[]> {
    const single = delivered.filter(({ eventIds }) => eventIds.length === 1);
    if (single.length === 0) return delivered;
    const { matchedCount } = await orders.collection.updateMany(
      {
        _id: { $in: single.map(({ orderId }) => new ObjectId(orderId)) },
        outbox: { $size: 1 },
        'outbox.eventId': { $in: single.flatMap(({ eventIds }) => eventIds) },
      },
      { $set: { outbox: [] }, $unset: { relayDueAt: 1, relayClaim: 1 } },
    );
    return matchedCount === single.length
      ? delivered.filter(({ eventIds }) => eventIds.length !== 1)
      : delivered;
  }
}

type WaitingRecord = Pick<OrderRecord, 'outbox' | 'history' | 'payments'>;

/** When the order's oldest event happened. */
function happenedAt({ outbox: [event], history, payments }: WaitingRecord): Date | undefined {
  if (!event) return undefined;
  if (event.subject === 'order:refund-required')
    return payments.find(({ id }) => id === event.data.paymentId)?.at;
  return history.find(({ version }) => version === event.data.version)?.at;
}

function without(eventIds: string[]) {
  return {
    $filter: { input: '$outbox', as: 'event', cond: { $not: { $in: ['$$event.eventId', eventIds] } } },
  };
}
