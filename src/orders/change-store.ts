import mongoose, { type mongo } from 'mongoose';
import { createBatcher } from '../database/batcher.ts';
import { bulkOutcomes } from '../database/failures.ts';
import type { LeaseUpdate, OutboxNotifier, WrittenOutbox } from '../outbox/outbox-notifier.ts';
import { holdsTicket, type Order } from './order.ts';
import type { OrderChange } from './order-change.ts';
import { type OrderModel, type OrderRecord, recordsOf, toOrder } from './order-model.ts';
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
  const stored = recordsOf(orders);

  const write = createBatcher({
    runBatch: (changes: MarkedChange[]) =>
      bulkOutcomes(stored.bulkWrite(changes.map(updateOneOf), { ordered: false }), changes.length),
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
     * @throws IndexMissing where it takes a hold again, while no index would refuse a second holder
     */
    async apply(change: OrderChange): Promise<Order | 'outdated' | 'ticket_taken'> {
      const { id, status } = change.from;
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
    sender: mark.toHexString(),
  };
}

function expected({ from, payment }: OrderChange): mongo.Filter<OrderRecord> {
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
): mongo.UpdateFilter<OrderRecord> {
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
