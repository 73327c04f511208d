import mongoose, { type AnyBulkWriteOperation, type QueryFilter } from 'mongoose';
import type { OutboxEvent } from '../../outbox/outbox-event.ts';
import type { AcknowledgedEvent } from '../../outbox/outbox-port.ts';
import { unordered } from '../../platform/mongo/bulk-writes.ts';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';

const { ObjectId } = mongoose.Types;

/** Orders whose outboxes start with the same event version, or with the same refund. */
interface Group {
  /** Matches outboxes that start with this event. */
  head: QueryFilter<OrderRecord>;
  /** An expression that is true for `$$event` when it is another event of such an outbox. */
  isBehind: object;
  orderIds: mongoose.Types.ObjectId[];
  leaseExpiresAt: Date;
}

/**
 * Removes acknowledged events of many orders in one round trip, and resolves with the events of each that this process
 * sends next. An event is matched by version or id, never by position alone: a process that was frozen for a while would
 * remove events that it has not sent. Events behind it are claimed in the same update, by a new `sender`: their writer
 * sees it and leaves them to this process.
 */
export function acknowledgedRemoval(orders: OrderModel, _eventSpacingMs: number) {
  return async (acknowledged: AcknowledgedEvent[]): Promise<OutboxEvent[][]> => {
    const senderId = new ObjectId().toHexString();
    const claim = (one: Group) => claiming(one, senderId);
    const last = acknowledged.filter(({ isLast }) => isLast);
    const others = acknowledged.filter(({ isLast }) => !isLast);
    const updates = [...byHead(last).map(emptying), ...byHead(others).map(claim)];
    const { matchedCount } = await orders.bulkWrite(updates, unordered);
    let claimed = others;
    if (matchedCount < acknowledged.length && last.length > 0) {
      // The result does not say which outboxes were emptied. A claim on an empty one matches nothing.
      await orders.bulkWrite(byHead(last).map(claim), unordered);
      claimed = acknowledged;
    }
    const rest = await restOf(claimed, senderId);
    return acknowledged.map(({ orderId }) => rest.get(orderId) ?? []);
  };

  /** The events of the outboxes whose first event has this sender, by the order's id. */
  async function restOf(claimed: AcknowledgedEvent[], senderId: string): Promise<Map<string, OutboxEvent[]>> {
    if (claimed.length === 0) return new Map();
    const _ids = claimed.map(({ orderId }) => new ObjectId(orderId));
    const found = await orders
      .find({ _id: { $in: _ids }, 'outbox.0.sender': senderId }, { outbox: 1 })
      .batchSize(inOneBatch(_ids.length))
      .lean<Pick<OrderRecord, '_id' | 'outbox'>[]>();
    return new Map(found.map(({ _id, outbox }) => [_id.toHexString(), outbox]));
  }
}

/**
 * An order has one event of each version, so the version identifies it, and one update serves all orders at that
 * version. A refund has no version and is identified by its id.
 */
function byHead(acknowledged: AcknowledgedEvent[]): Group[] {
  const groups = new Map<number | string, Group>();
  for (const { orderId, event, leaseExpiresAt } of acknowledged) {
    const { version } = event.data as { version?: number };
    const [field, value] =
      version === undefined ? (['eventId', event.eventId] as const) : (['data.version', version] as const);
    const group = groups.get(value) ?? {
      head: { [`outbox.0.${field}`]: value },
      isBehind: { $ne: [`$$event.${field}`, value] },
      orderIds: [],
      leaseExpiresAt,
    };
    group.orderIds.push(new ObjectId(orderId));
    if (leaseExpiresAt > group.leaseExpiresAt) group.leaseExpiresAt = leaseExpiresAt;
    groups.set(value, group);
  }
  return [...groups.values()];
}

/** Nearly all outboxes hold only the event that was sent. */
function emptying({ head, orderIds }: Group): AnyBulkWriteOperation<OrderRecord> {
  return {
    updateMany: {
      filter: { _id: { $in: orderIds }, ...head, outbox: { $size: 1 } },
      update: { $set: { outbox: [] }, $unset: { relayDueAt: 1 } },
    },
  };
}

function claiming(
  { head, isBehind, orderIds, leaseExpiresAt }: Group,
  senderId: string,
): AnyBulkWriteOperation<OrderRecord> {
  const rest = { $filter: { input: '$outbox', as: 'event', cond: isBehind } };
  const claimedEvents = {
    $map: { input: rest, as: 'event', in: { $mergeObjects: ['$$event', { sender: senderId }] } },
  };
  return {
    updateMany: {
      filter: { _id: { $in: orderIds }, ...head },
      update: [
        { $set: { outbox: claimedEvents } },
        { $set: { relayDueAt: { $cond: [{ $eq: ['$outbox', []] }, '$$REMOVE', leaseExpiresAt] } } },
      ],
    },
  };
}
