import mongoose from 'mongoose';
import type { OutgoingEvent } from '../messaging/contracts.ts';
import type { OrderModel } from '../orders/order-model.ts';

const { ObjectId } = mongoose.Types;

/** What became of an order's events: those that the broker has, and when the rest may be tried again. */
export interface Delivered {
  orderId: string;
  /** The first ones of the outbox as it was read, in its order. */
  sent: OutgoingEvent[];
  restDueAt: Date;
}

/** Outboxes that are to hold events of these versions and nothing else. */
interface Alike {
  versions: number[];
  orderIds: mongoose.Types.ObjectId[];
}

/**
 * Removes what the broker has acknowledged, of many orders in one round trip. By what the events are, never by position
 * alone: a process that was frozen for a while would remove what it has not sent. Where an order had, or has got,
 * further events, there is a second round trip.
 */
export function outboxRemoval(orders: OrderModel) {
  const outboxes = orders.collection;

  return async (delivered: Delivered[]): Promise<void> => {
    const { alike, others } = groupByVersions(delivered);
    const emptied = await empty(alike);
    // How many were emptied is told, but not which; those that are empty already lose nothing.
    const left = emptied === delivered.length - others.length ? others : delivered;
    if (left.length > 0) await outboxes.bulkWrite(left.map(removalOf), { ordered: false });
  };

  async function empty(alike: Alike[]): Promise<number> {
    if (alike.length === 0) return 0;
    const { matchedCount } = await outboxes.bulkWrite(alike.map(emptyingOf), { ordered: false });
    return matchedCount;
  }
}

/**
 * Nearly all outboxes hold what was sent and nothing else, and mostly the same: one update is enough for those. An order
 * has one event of each version, so the versions say which events they are; a refund has none, and goes by its id.
 */
function groupByVersions(delivered: Delivered[]): { alike: Alike[]; others: Delivered[] } {
  const alike = new Map<string, Alike>();
  const others: Delivered[] = [];
  for (const one of delivered) {
    const versions = one.sent.flatMap(({ data }) => ('version' in data ? data.version : []));
    if (versions.length === 0 || versions.length < one.sent.length) {
      others.push(one);
      continue;
    }
    const those = alike.get(versions.join()) ?? { versions, orderIds: [] };
    those.orderIds.push(new ObjectId(one.orderId));
    alike.set(versions.join(), those);
  }
  return { alike: [...alike.values()], others };
}

function emptyingOf({ versions, orderIds }: Alike) {
  const held = versions.map((version, place) => [`outbox.${place}.data.version`, version]);
  return {
    updateMany: {
      filter: { _id: { $in: orderIds }, outbox: { $size: versions.length }, ...Object.fromEntries(held) },
      update: { $set: { outbox: [] }, $unset: { relayDueAt: 1 } },
    },
  };
}

function removalOf({ orderId, sent, restDueAt }: Delivered) {
  const eventIds = sent.map(({ eventId }) => eventId);
  const isUnsent = { $not: { $in: ['$$event.eventId', eventIds] } };
  return {
    updateOne: {
      filter: { _id: new ObjectId(orderId) },
      update: [
        { $set: { outbox: { $filter: { input: '$outbox', as: 'event', cond: isUnsent } } } },
        { $set: { relayDueAt: { $cond: [{ $eq: ['$outbox', []] }, '$$REMOVE', restDueAt] } } },
      ],
    },
  };
}
