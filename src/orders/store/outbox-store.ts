import mongoose from 'mongoose';
import type { OutboxEvent } from '../../outbox/outbox-event.ts';
import type { Outbox, OutboxPort, ReleasedOutbox } from '../../outbox/outbox-port.ts';
import { unordered } from '../../platform/mongo/bulk-writes.ts';
import { notBefore } from '../domain/event-spacing.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { type Backlog, outboxBacklog } from './outbox-backlog-store.ts';
import { acknowledgedRemoval } from './outbox-removal-store.ts';

const { ObjectId } = mongoose.Types;

export interface OutboxStore extends OutboxPort {
  backlog(): Promise<Backlog>;
}

interface DueRecord {
  _id: mongoose.Types.ObjectId;
  outbox: OutboxEvent | OutboxEvent[];
  spacedUntil?: Date;
}

/** Matches the orders whose outbox is not empty. A range, because not every server uses the sparse index for `$exists`. */
const waiting = { relayDueAt: { $gt: new Date(0) } };

/**
 * All queries and writes of the outboxes, which are fields of the orders. `eventSpacingMs` is the minimum time between an
 * acknowledgement and the next spaced event of that order.
 */
export function createOutboxStore(orders: OrderModel, eventSpacingMs = 0): OutboxStore {
  return {
    /** The orders whose outbox is due, longest due first. The cost does not depend on how many orders are stored. */
    async findDue(now: Date, limit: number): Promise<string[]> {
      const found = await orders
        .find({ relayDueAt: { $lte: now } }, { _id: 1 })
        .sort({ relayDueAt: 1 })
        .limit(limit)
        .batchSize(limit)
        .lean<Pick<OrderRecord, '_id'>[]>();
      return found.map(({ _id }) => _id.toHexString());
    },

    /**
     * The outboxes of these orders, except those that were sent, or leased by a write, since `findDue`, and those whose
     * first event has to wait for its time. A value that is not an array (a manual repair) is returned as the only event.
     */
    async read(orderIds: string[], now: Date): Promise<Outbox[]> {
      const due = await orders
        .find(
          { _id: { $in: orderIds }, relayDueAt: { $lte: now } },
          { outbox: 1, ...(eventSpacingMs > 0 && { spacedUntil: 1 }) },
        )
        .batchSize(orderIds.length + 1)
        .lean<DueRecord[]>();
      const outboxes: Outbox[] = [];
      const empty: Outbox[] = [];
      const early: ReleasedOutbox[] = [];
      for (const { _id, outbox, spacedUntil } of due) {
        const [orderId, events] = [_id.toHexString(), [outbox].flat()];
        const [head] = events;
        const dueAt = notBefore(head, spacedUntil);
        if (events.length === 0) empty.push({ orderId, events });
        else if (head && dueAt && dueAt > now) early.push({ orderId, eventId: head.eventId, dueAt });
        else outboxes.push({ orderId, events });
      }
      if (empty.length > 0) await forget(empty);
      if (early.length > 0) await makeDue(early);
      return outboxes;
    },

    /** Returns the orders whose outbox is not empty. */
    async findWaiting(orderIds: string[]): Promise<string[]> {
      const found = await orders
        .find({ _id: { $in: orderIds }, ...waiting }, { _id: 1 })
        .batchSize(orderIds.length + 1)
        .lean<Pick<OrderRecord, '_id'>[]>();
      return found.map(({ _id }) => _id.toHexString());
    },

    makeDue,

    /** Makes outboxes due later, without a check of their first event. */
    async postpone(unreadable: Omit<ReleasedOutbox, 'eventId'>[]): Promise<undefined[]> {
      await orders.bulkWrite(
        byDueTime(unreadable).map(([dueAt, those]) => ({
          updateMany: { filter: { ...idsOf(those), ...waiting }, update: { $set: { relayDueAt: dueAt } } },
        })),
        unordered,
      );
      return unreadable.map(() => undefined);
    },

    backlog: outboxBacklog(orders, eventSpacingMs),
    removeAcknowledged: acknowledgedRemoval(orders, eventSpacingMs),
  };

  /** Ends the leases of outboxes, many in a round trip. */
  async function makeDue(released: ReleasedOutbox[]): Promise<undefined[]> {
    await orders.bulkWrite(
      byDueTime(released).map(([dueAt, those]) => {
        const heads = { 'outbox.0.eventId': { $in: those.map(({ eventId }) => eventId) } };
        return {
          updateMany: { filter: { ...idsOf(those), ...heads }, update: { $set: { relayDueAt: dueAt } } },
        };
      }),
      unordered,
    );
    return released.map(() => undefined);
  }

  /** A manual repair has emptied these outboxes: there is nothing to send. */
  async function forget(empty: Outbox[]): Promise<void> {
    await orders.updateMany({ ...idsOf(empty), outbox: { $size: 0 } }, { $unset: { relayDueAt: 1 } });
  }
}

function idsOf(outboxes: { orderId: string }[]) {
  return { _id: { $in: outboxes.map(({ orderId }) => new ObjectId(orderId)) } };
}

/** Many leases are released at the same moment. */
function byDueTime<Item extends { dueAt: Date }>(items: Item[]): [Date, Item[]][] {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const group = groups.get(item.dueAt.getTime()) ?? [];
    group.push(item);
    groups.set(item.dueAt.getTime(), group);
  }
  return Array.from(groups, ([time, group]) => [new Date(time), group]);
}
