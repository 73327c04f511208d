import mongoose from 'mongoose';
import type { OutboxEvent } from '../../outbox/outbox-event.ts';
import type { AcknowledgedEvent } from '../../outbox/outbox-port.ts';
import { unordered } from '../../platform/mongo/bulk-writes.ts';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import { isSpaced, notBefore } from '../domain/event-spacing.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { type RemovalGroup, removalUpdates } from './outbox-removal-update.ts';

const { ObjectId } = mongoose.Types;

type Claimed = Pick<OrderRecord, '_id' | 'outbox' | 'spacedUntil'>;

/**
 * Removes acknowledged events of many orders in one round trip, and resolves with the events of each that this process
 * sends next. An event is matched by version or id, never by position alone: a process that was frozen for a while would
 * remove events that it has not sent. Events behind it are claimed in the same update, by a new `sender`: their writer
 * sees it and leaves them to this process. An event that has to wait for its time is left to a sweep.
 */
export function acknowledgedRemoval(orders: OrderModel, eventSpacingMs: number) {
  const updates = removalUpdates(eventSpacingMs);
  const isOn = eventSpacingMs > 0;

  return async (acknowledged: AcknowledgedEvent[], now: Date): Promise<OutboxEvent[][]> => {
    const senderId = new ObjectId().toHexString();
    const empty = (group: RemovalGroup) => updates.empty(group, now);
    const claim = (group: RemovalGroup) => updates.claim(group, senderId, now);
    const last = acknowledged.filter(({ isLast }) => isLast);
    const others = acknowledged.filter(({ isLast }) => !isLast);
    const removals = [...byHead(last).map(empty), ...byHead(others).map(claim)];
    const { matchedCount } = await orders.bulkWrite(removals, unordered);
    let claimed = others;
    if (matchedCount < acknowledged.length && last.length > 0) {
      // The result does not say which outboxes were emptied. A claim on an empty one matches nothing.
      await orders.bulkWrite(byHead(last).map(claim), unordered);
      claimed = acknowledged;
    }
    const rest = await restOf(claimed, senderId, now);
    return acknowledged.map(({ orderId }) => rest.get(orderId) ?? []);
  };

  /** The events of the outboxes whose first event has this sender and need not wait, by the order's id. */
  async function restOf(
    claimed: AcknowledgedEvent[],
    senderId: string,
    now: Date,
  ): Promise<Map<string, OutboxEvent[]>> {
    if (claimed.length === 0) return new Map();
    const _ids = claimed.map(({ orderId }) => new ObjectId(orderId));
    const found = await orders
      .find(
        { _id: { $in: _ids }, 'outbox.0.sender': senderId },
        { outbox: 1, ...(isOn && { spacedUntil: 1 }) },
      )
      .batchSize(inOneBatch(_ids.length))
      .lean<Claimed[]>();
    const isSentNext = ({ outbox: [head], spacedUntil }: Claimed) =>
      (notBefore(head, spacedUntil) ?? now) <= now;
    return new Map(found.filter(isSentNext).map(({ _id, outbox }) => [_id.toHexString(), outbox]));
  }
}

/**
 * An order has one event of each version, so the version identifies it, and one update serves all orders at that
 * version. A refund has no version and is identified by its id.
 */
function byHead(acknowledged: AcknowledgedEvent[]): RemovalGroup[] {
  const groups = new Map<number | string, RemovalGroup>();
  for (const { orderId, event, leaseExpiresAt } of acknowledged) {
    const { version } = event.data as { version?: number };
    const [field, value] =
      version === undefined ? (['eventId', event.eventId] as const) : (['data.version', version] as const);
    const group = groups.get(value) ?? {
      head: { [`outbox.0.${field}`]: value },
      version,
      isBehind: { $ne: [`$$event.${field}`, value] },
      isSpaced: isSpaced(event),
      orderIds: [],
      leaseExpiresAt,
    };
    group.orderIds.push(new ObjectId(orderId));
    if (leaseExpiresAt > group.leaseExpiresAt) group.leaseExpiresAt = leaseExpiresAt;
    groups.set(value, group);
  }
  return [...groups.values()];
}
