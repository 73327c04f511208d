import mongoose, { type AnyBulkWriteOperation, type QueryFilter } from 'mongoose';
import type { OutboxEvent } from '../../outbox/outbox-event.ts';
import type { AcknowledgedEvent } from '../../outbox/outbox-port.ts';
import { unordered } from '../../platform/mongo/bulk-writes.ts';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';

const { ObjectId } = mongoose.Types;

/** Orders whose outboxes have the same at their head. */
interface Group {
  /** How the stored head is known. */
  head: QueryFilter<OrderRecord>;
  /** What is true of an event of such an outbox, called `$$event`, that is not the head. */
  isBehind: object;
  orderIds: mongoose.Types.ObjectId[];
  leaseExpiresAt: Date;
}

/**
 * Removes what the broker has acknowledged, of many orders in one round trip, and resolves with what is left for this
 * process to send of each. By what the event is, never by position alone: a process that was frozen for a while would
 * remove what it has not sent. Where an order has got further events, they are claimed in the same update as the event
 * leaves: their writer, who finds another's mark on them then, leaves them to this process.
 */
export function acknowledgedRemoval(orders: OrderModel) {
  return async (acknowledged: AcknowledgedEvent[]): Promise<OutboxEvent[][]> => {
    const mark = new ObjectId().toHexString();
    const claim = (one: Group) => claiming(one, mark);
    const last = acknowledged.filter(({ isLast }) => isLast);
    const others = acknowledged.filter(({ isLast }) => !isLast);
    const updates = [...byHead(last).map(emptying), ...byHead(others).map(claim)];
    const { matchedCount } = await orders.bulkWrite(updates, unordered);
    let claimed = others;
    if (matchedCount < acknowledged.length && last.length > 0) {
      // How many were emptied is known, but not which; a claim of those that are empty matches nothing.
      await orders.bulkWrite(byHead(last).map(claim), unordered);
      claimed = acknowledged;
    }
    const rest = await restOf(claimed, mark);
    return acknowledged.map(({ orderId }) => rest.get(orderId) ?? []);
  };

  /** What these outboxes hold that bear the mark, by the order's id. */
  async function restOf(claimed: AcknowledgedEvent[], mark: string): Promise<Map<string, OutboxEvent[]>> {
    if (claimed.length === 0) return new Map();
    const _ids = claimed.map(({ orderId }) => new ObjectId(orderId));
    const found = await orders
      .find({ _id: { $in: _ids }, 'outbox.0.sender': mark }, { outbox: 1 })
      .batchSize(inOneBatch(_ids.length))
      .lean<Pick<OrderRecord, '_id' | 'outbox'>[]>();
    return new Map(found.map(({ _id, outbox }) => [_id.toHexString(), outbox]));
  }
}

/**
 * An order has one event of each version, so the version says which event it is, and one update is enough for all that
 * have sent the same. A refund has none, and goes by its id.
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

/** Nearly all outboxes hold what was sent and nothing else. */
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
  mark: string,
): AnyBulkWriteOperation<OrderRecord> {
  const rest = { $filter: { input: '$outbox', as: 'event', cond: isBehind } };
  const marked = { $map: { input: rest, as: 'event', in: { $mergeObjects: ['$$event', { sender: mark }] } } };
  return {
    updateMany: {
      filter: { _id: { $in: orderIds }, ...head },
      update: [
        { $set: { outbox: marked } },
        { $set: { relayDueAt: { $cond: [{ $eq: ['$outbox', []] }, '$$REMOVE', leaseExpiresAt] } } },
      ],
    },
  };
}
