import mongoose, { type mongo } from 'mongoose';
import type { OutgoingEvent } from '../messaging/contracts.ts';
import { type OrderModel, type OrderRecord, recordsOf } from '../orders/order-model.ts';

const { ObjectId } = mongoose.Types;

/** The first event of an order's outbox, which the broker has. */
export interface AcknowledgedEvent {
  orderId: string;
  event: OutgoingEvent;
  /** Whether nothing is known to be behind it. */
  isLast: boolean;
  /** How long the process that has sent it keeps the rest to itself, if there is one. */
  leaseExpiresAt: Date;
}

/** Outboxes that are to hold an event of this version and nothing else. */
type LastOfVersion = [version: number, orderIds: mongoose.Types.ObjectId[]];

/**
 * Removes what the broker has acknowledged, of many orders in one round trip, and resolves with what is left for this
 * process to send of each. By what the event is, never by position alone: a process that was frozen for a while would
 * remove what it has not sent. Where an order has got further events, they are claimed in the same update as the event
 * leaves: their writer, who finds another's mark on them then, leaves them to this process.
 */
export function acknowledgedRemoval(orders: OrderModel) {
  const stored = recordsOf(orders);

  return async (acknowledged: AcknowledgedEvent[]): Promise<OutgoingEvent[][]> => {
    const mark = new ObjectId().toHexString();
    const { last, others } = groupByVersion(acknowledged);
    const updates = [...last.map(emptying), ...others.map((one) => claiming(one, mark))];
    const { matchedCount } = await stored.bulkWrite(updates, { ordered: false });
    if (matchedCount === acknowledged.length) return restOf(others, mark, acknowledged);
    // How many were emptied is known, but not which; a claim of those that are empty matches nothing.
    const rest = acknowledged.filter((one) => !others.includes(one));
    if (rest.length > 0)
      await stored.bulkWrite(
        rest.map((one) => claiming(one, mark)),
        { ordered: false },
      );
    return restOf(acknowledged, mark, acknowledged);
  };

  /** What `claimed` has left in the outboxes that it has matched; nothing for the other ones that were acknowledged. */
  async function restOf(
    claimed: AcknowledgedEvent[],
    mark: string,
    acknowledged: AcknowledgedEvent[],
  ): Promise<OutgoingEvent[][]> {
    if (claimed.length === 0) return acknowledged.map(() => []);
    const _ids = claimed.map(({ orderId }) => new ObjectId(orderId));
    const found = await stored
      .find({ _id: { $in: _ids }, 'outbox.0.sender': mark }, { projection: { outbox: 1 } })
      .batchSize(_ids.length + 1)
      .toArray();
    const byId = new Map(found.map(({ _id, outbox }) => [_id.toHexString(), outbox]));
    return acknowledged.map(({ orderId }) => byId.get(orderId) ?? []);
  }
}

/**
 * Nearly all outboxes hold what was sent and nothing else, and mostly the same: one update is enough for those. An order
 * has one event of each version, so the version says which event it is; a refund has none, and goes by its id.
 */
function groupByVersion(acknowledged: AcknowledgedEvent[]) {
  const last = new Map<number, mongoose.Types.ObjectId[]>();
  const others: AcknowledgedEvent[] = [];
  for (const one of acknowledged) {
    const { isLast, event } = one;
    if (!isLast || !('version' in event.data)) {
      others.push(one);
      continue;
    }
    const orderIds = last.get(event.data.version) ?? [];
    orderIds.push(new ObjectId(one.orderId));
    last.set(event.data.version, orderIds);
  }
  return { last: [...last], others };
}

function emptying([version, orderIds]: LastOfVersion): mongo.AnyBulkWriteOperation<OrderRecord> {
  return {
    updateMany: {
      filter: { _id: { $in: orderIds }, outbox: { $size: 1 }, 'outbox.0.data.version': version },
      update: { $set: { outbox: [] }, $unset: { relayDueAt: 1 } },
    },
  };
}

function claiming(
  { orderId, event: { eventId }, leaseExpiresAt }: AcknowledgedEvent,
  mark: string,
): mongo.AnyBulkWriteOperation<OrderRecord> {
  const rest = { $filter: { input: '$outbox', as: 'event', cond: { $ne: ['$$event.eventId', eventId] } } };
  const marked = { $map: { input: rest, as: 'event', in: { $mergeObjects: ['$$event', { sender: mark }] } } };
  return {
    updateOne: {
      filter: { _id: new ObjectId(orderId), 'outbox.0.eventId': eventId },
      update: [
        { $set: { outbox: marked } },
        { $set: { relayDueAt: { $cond: [{ $eq: ['$outbox', []] }, '$$REMOVE', leaseExpiresAt] } } },
      ],
    },
  };
}
