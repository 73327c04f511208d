import mongoose, { type QueryFilter, type UpdateQuery } from 'mongoose';
import type { LeaseUpdate } from '../../outbox/outbox-lease.ts';
import type { OutboxNotifier, WrittenOutbox } from '../../outbox/outbox-notifier.ts';
import { createBatcher } from '../../platform/mongo/batcher.ts';
import { bulkOutcomes, unordered } from '../../platform/mongo/bulk-writes.ts';
import { holdsTicket, type Order } from '../domain/order.ts';
import type { OrderChange } from '../domain/order-change.ts';
import type { HoldGuard } from './hold-index-store.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { toOrder } from './order-record.ts';

const { ObjectId } = mongoose.Types;

/** A change that is about to be written, and how its writer will know it again. */
interface MarkedChange {
  change: OrderChange;
  mark: mongoose.Types.ObjectId;
}

export interface ChangeStoreDeps {
  orders: OrderModel;
  /** Reads an order after its change. */
  findOrder: (id: string) => Promise<OrderRecord | undefined>;
  notifier: OutboxNotifier;
  /** Called with each change that was written, and the order after it. */
  onChange: (change: OrderChange, order: Order) => void;
  holds: HoldGuard;
}

/**
 * The one write of every change of a stored order. Changes of the same moment are written together, each with an
 * outcome of its own.
 */
export function createChangeStore({ orders, findOrder, notifier, onChange, holds }: ChangeStoreDeps) {
  const write = createBatcher({
    // Mongoose casts these, and refuses unknown fields, but runs no validators: that a status, a cause or a reason is one
    // that there is, is up to the types of changes, and to transitions.ts, which makes them.
    runBatch: (changes: MarkedChange[]) =>
      bulkOutcomes(orders.bulkWrite(changes.map(updateOneOf), unordered), changes.length),
  });

  const updateOneOf = ({ change, mark }: MarkedChange) => ({
    updateOne: { filter: filterOf(change), update: updateOf(change, mark, notifier.leaseUpdate()) },
  });

  return {
    /**
     * Writes a change and its event at once, if the order is still as the change expects it (else `outdated`) and
     * nobody else holds the ticket that the change wants to hold again (else `ticket_taken`). When the next change
     * comes before this one is read it is `outdated`, too: whoever decides again sees both.
     *
     * @throws the error of the schema, when that has no place for what the change would write; nothing is written then
     * @throws IndexMissing where it takes a hold again, while no index would refuse a second holder
     */
    async apply(change: OrderChange): Promise<Order | 'outdated' | 'ticket_taken'> {
      const { id, status, version } = change.expected;
      // Mongoose would cast what a repair by hand has made text, find no such order, and so call this outdated for ever.
      if (!Number.isInteger(version)) throw new TypeError(`the version of order ${id} is no number`);
      if (change.set?.holdsTicket && !holdsTicket(status)) holds.throwIfMissing();
      const mark = new ObjectId();
      if ((await write({ change, mark })) === 'refused') return 'ticket_taken';
      // The result of a bulk does not say which it has matched; the mark does.
      const after = await findOrder(id);
      // Also when the next change has come already: the event may still be this process's to send.
      if (after) notifier.notify(writtenOutbox(after, mark));
      if (!after?.lastChange?.equals(mark)) return 'outdated';
      const order = toOrder(after);
      onChange(change, order);
      return order;
    },
  };
}

function writtenOutbox(
  { _id, outbox, relayDueAt }: OrderRecord,
  mark: mongoose.Types.ObjectId,
): WrittenOutbox {
  return {
    orderId: _id.toHexString(),
    events: outbox,
    leaseExpiresAt: relayDueAt,
    writeMark: mark.toHexString(),
  };
}

function filterOf({ expected: { id, withoutPayment, ...expected } }: OrderChange): QueryFilter<OrderRecord> {
  return {
    _id: new ObjectId(id),
    ...expected,
    ...(withoutPayment !== undefined && { 'payments.id': { $ne: withoutPayment } }),
  };
}

function updateOf(
  { set, unset, push, event }: OrderChange,
  mark: mongoose.Types.ObjectId,
  lease: LeaseUpdate,
): UpdateQuery<OrderRecord> {
  return {
    ...lease,
    $set: { lastChange: mark, ...set },
    ...(unset && { $unset: Object.fromEntries(unset.map((field) => [field, 1])) }),
    ...(push.history && { $inc: { version: 1 } }),
    $push: { outbox: { ...event, sender: mark.toHexString() }, ...push },
  };
}
