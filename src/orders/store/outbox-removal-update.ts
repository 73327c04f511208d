import type { AnyBulkWriteOperation, QueryFilter, Types } from 'mongoose';
import { addMs } from '../../platform/time/clock.ts';
import { spacedSubjects } from '../domain/event-spacing.ts';
import { releasedStatuses } from '../domain/kept-hold.ts';
import type { OrderRecord } from './order-model.ts';

/** Orders whose outboxes start with the same event version, or with the same refund. */
export interface RemovalGroup {
  /** Matches outboxes that start with this event. */
  head: QueryFilter<OrderRecord>;
  /** An expression that is true for `$$event` when it is another event of such an outbox. */
  isBehind: object;
  /** Of the event; undefined for a refund. */
  version: number | undefined;
  /** Whether the order's next spaced event waits for this one. */
  isSpaced: boolean;
  orderIds: Types.ObjectId[];
  leaseExpiresAt: Date;
}

type Removal = AnyBulkWriteOperation<OrderRecord>;

/** The updates that remove the acknowledged events of a group. Without a spacing they write nothing about it. */
export interface RemovalUpdates {
  /** For outboxes that hold only the event that was sent: nearly all. */
  empty(group: RemovalGroup, now: Date): Removal;
  /** For the others, whose next event this process sends, with a new lease, unless it has to wait for its time. */
  claim(group: RemovalGroup, senderId: string, now: Date): Removal;
}

/** Makes the updates for a spacing in milliseconds; 0 is none. */
export function removalUpdates(spacingMs: number): RemovalUpdates {
  const isOn = spacingMs > 0;

  /** What is stored with the removal, as expressions of an update pipeline. */
  const timesOf = ({ isSpaced, version }: RemovalGroup, now: Date) => {
    const until = addMs(now, spacingMs);
    return isOn && isSpaced
      ? { spacedUntil: until, keptUntil: { $cond: [isLetGoAt(version), until, '$$REMOVE'] } }
      : {};
  };

  return {
    empty(group, now) {
      const { head, orderIds } = group;
      const filter = { _id: { $in: orderIds }, ...head, outbox: { $size: 1 } };
      const update = isOn
        ? [{ $set: { outbox: [], ...timesOf(group, now) } }, { $unset: 'relayDueAt' }]
        : { $set: { outbox: [] }, $unset: { relayDueAt: 1 as const } };
      return { updateMany: { filter, update } };
    },

    claim(group, senderId, now) {
      const { head, isBehind, orderIds, leaseExpiresAt } = group;
      const rest = { $filter: { input: '$outbox', as: 'event', cond: isBehind } };
      const claimed = {
        $map: { input: rest, as: 'event', in: { $mergeObjects: ['$$event', { sender: senderId }] } },
      };
      const dueAt = isOn ? { $cond: [headWaits(now), '$spacedUntil', leaseExpiresAt] } : leaseExpiresAt;
      return {
        updateMany: {
          filter: { _id: { $in: orderIds }, ...head },
          update: [
            { $set: { outbox: claimed, ...timesOf(group, now) } },
            { $set: { relayDueAt: { $cond: [{ $eq: ['$outbox', []] }, '$$REMOVE', dueAt] } } },
          ],
        },
      };
    },
  };
}

/**
 * An expression that is true when the order keeps its hold, and the event of this version is the `order:cancelled` that tells
 * of it: each version has one event, and a cancelled or expired order has come to its version by this one. No other order
 * with a spaced event has such a time.
 */
function isLetGoAt(version: number | undefined): object {
  const hasLetGo = { $in: ['$status', [...releasedStatuses]] };
  return { $and: [{ $eq: ['$holdsTicket', true] }, hasLetGo, { $eq: ['$version', version] }] };
}

/** An expression that is true when the first event in the outbox has to wait: `notBefore` in event-spacing.ts. */
function headWaits(now: Date): object {
  return {
    $let: {
      vars: { first: { $arrayElemAt: ['$outbox', 0] } },
      in: { $and: [{ $in: ['$$first.subject', [...spacedSubjects]] }, { $gt: ['$spacedUntil', now] }] },
    },
  };
}
