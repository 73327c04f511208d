import mongoose, { type QueryFilter, type UpdateQuery } from 'mongoose';
import type { LeaseUpdate } from '../../outbox/outbox-lease.ts';
import type { OutboxNotifier, WrittenOutbox } from '../../outbox/outbox-notifier.ts';
import { createBatcher } from '../../platform/mongo/batcher.ts';
import { bulkOutcomes, unordered } from '../../platform/mongo/bulk-writes.ts';
import { holdsTicket, type Order } from '../domain/order.ts';
import type { OrderChange } from '../domain/order-change.ts';
import { type OrderModel, type OrderRecord, toOrder } from './order-model.ts';
import type { HoldGuard } from './purchase-store.ts';

const { ObjectId } = mongoose.Types;

/** A change that is about to be written, and how its writer will know it again. */
interface MarkedChange {
  change: OrderChange;
  mark: mongoose.Types.ObjectId;
}

/**
 * The one write of every change of a stored order. Changes of the same moment are written together, each with an
 * outcome of its own. `findOrder` looks at an order after its change; `onChange` is told of each that was written, with
 * the order after it.
 */
export function createChangeStore(
  orders: OrderModel,
  findOrder: (id: string) => Promise<OrderRecord | undefined>,
  notifier: OutboxNotifier,
  onChange: (change: OrderChange, order: Order) => void,
  holds: HoldGuard,
) {
  const write = createBatcher({
    // Mongoose casts these, and refuses unknown fields, but runs no validators: that a status, a cause or a reason is one
    // that there is, is the word of the types that order-change.ts makes changes of, and of its transitions.
    runBatch: (changes: MarkedChange[]) =>
      bulkOutcomes(orders.bulkWrite(changes.map(updateOneOf), unordered), changes.length),
  });

  const updateOneOf = ({ change, mark }: MarkedChange) => ({
    updateOne: { filter: expected(change), update: updateOf(change, mark, notifier.leaseUpdate()) },
  });

  return {
    /**
     * Writes a change and its event at once, if the order is still as the change expects it (else `outdated`) and
     * nobody else holds the ticket that the change wants to hold again (else `ticket_taken`). When the next change
     * comes before this one is looked at it is `outdated`, too: whoever decides anew sees both.
     *
     * @throws the error of the schema, when that has no place for what the change would write; nothing is written then
     * @throws IndexMissing where it takes a hold again, while no index would refuse a second holder
     */
    async apply(change: OrderChange): Promise<Order | 'outdated' | 'ticket_taken'> {
      const { id, status, version } = change.from;
      // Mongoose would cast what a repair by hand has made text, find no such order, and so call this outdated for ever.
      if (!Number.isInteger(version)) throw new TypeError(`the version of order ${id} is no number`);
      if (change.status && holdsTicket(change.status.status) && !holdsTicket(status)) holds.throwIfMissing();
      const mark = new ObjectId();
      if ((await write({ change, mark })) === 'refused') return 'ticket_taken';
      // A bulk does not tell which it has matched; the mark does.
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

function expected({ from, payment }: OrderChange): QueryFilter<OrderRecord> {
  return {
    _id: new ObjectId(from.id),
    status: from.status,
    version: from.version,
    // Two deliveries of one payment would otherwise both match: a refund changes neither status nor version.
    ...(payment && { 'payments.id': { $ne: payment.id } }),
  };
}

function updateOf(
  { status, payment, event }: OrderChange,
  lastChange: mongoose.Types.ObjectId,
  lease: LeaseUpdate,
): UpdateQuery<OrderRecord> {
  const told = {
    outbox: { ...event, sender: lastChange.toHexString() },
    ...(payment && { payments: payment }),
  };
  if (!status) return { ...lease, $set: { lastChange }, $push: told };
  const held = holdsTicket(status.status);
  return {
    ...lease,
    $set: { lastChange, status: status.status, ...(held && { holdsTicket: true as const }) },
    // Every change of status leaves `pending`, or comes after that.
    $unset: { pendingSlot: 1, ...(!held && { holdsTicket: 1 as const }) },
    $inc: { version: 1 },
    $push: { ...told, history: status },
  };
}
