import mongoose, { type mongo } from 'mongoose';
import { bulkOutcomes } from '../database/failures.ts';
import { gather } from '../database/gather.ts';
import type { HandOff } from '../outbox/hand-off.ts';
import { holdsTicket, type Order } from './order.ts';
import type { OrderChange } from './order-change.ts';
import { type OrderModel, type OrderRecord, recordsOf, toOrder } from './order-model.ts';

const { ObjectId } = mongoose.Types;

/** A change that is about to be written, and how its writer will know it again. */
interface MarkedChange {
  change: OrderChange;
  _id: mongoose.Types.ObjectId;
  mark: mongoose.Types.ObjectId;
}

/**
 * The one write of every change of a stored order. Changes of the same moment are written together, each with an
 * outcome of its own. `onChange` is told of each that was written, with the order after it.
 */
export function createChangeStore(
  orders: OrderModel,
  handOff: HandOff,
  onChange: (change: OrderChange, order: Order) => void,
) {
  const stored = recordsOf(orders);

  async function writeAll(changes: MarkedChange[]): Promise<('written' | 'refused' | Error)[]> {
    try {
      await stored.bulkWrite(
        changes.map(({ change, _id, mark }) => ({
          updateOne: { filter: expected(change, _id), update: updateOf(change, mark, handOff.leaseEnd()) },
        })),
        { ordered: false },
      );
      return changes.map(() => 'written');
    } catch (error) {
      return bulkOutcomes(error, changes.length);
    }
  }

  /** Resolves with each order as it is after its change. A bulk does not tell which it has matched; the marks do. */
  const write = gather(async (changes: MarkedChange[]) => {
    const outcomes = await writeAll(changes);
    const found = await stored.find({ _id: { $in: changes.map(({ _id }) => _id) } }).toArray();
    const byId = new Map(found.map((record) => [record._id.toHexString(), record]));
    return changes.map(({ change, mark }, place) => {
      const outcome = outcomes[place];
      if (outcome instanceof Error) return outcome;
      if (outcome === 'refused') return 'ticket_taken';
      const after = byId.get(change.from.id);
      return after?.lastChange?.equals(mark) ? after : 'outdated';
    });
  });

  return {
    /**
     * Writes a change and its event at once, if the order is still as the change expects it (else `outdated`) and
     * nobody else holds the ticket that the change wants to hold again (else `ticket_taken`). When the next change
     * comes before this one is looked at it is `outdated`, too: whoever decides anew sees both.
     */
    async apply(change: OrderChange): Promise<Order | 'outdated' | 'ticket_taken'> {
      const { id } = change.from;
      const after = await write({ change, _id: new ObjectId(id), mark: new ObjectId() });
      if (typeof after === 'string') return after;
      handOff.written(id, after.outbox);
      const order = toOrder(after);
      onChange(change, order);
      return order;
    },
  };
}

function expected({ from, payment }: OrderChange, _id: mongoose.Types.ObjectId): mongo.Filter<OrderRecord> {
  return {
    _id,
    status: from.status,
    version: from.version,
    // Two deliveries of one payment would otherwise both match: a refund changes neither status nor version.
    ...(payment && { 'payments.id': { $ne: payment.id } }),
  };
}

function updateOf(
  { status, payment, event }: OrderChange,
  lastChange: mongoose.Types.ObjectId,
  relayDueAt: Date,
): mongo.UpdateFilter<OrderRecord> {
  const told = { outbox: event, ...(payment && { payments: payment }) };
  if (!status) return { $set: { relayDueAt, lastChange }, $push: told };
  const held = holdsTicket(status.status);
  return {
    $set: { relayDueAt, lastChange, status: status.status, ...(held && { holdsTicket: true as const }) },
    // Every change of status leaves `pending`, or comes after that.
    $unset: { pendingSlot: 1, ...(!held && { holdsTicket: 1 as const }) },
    $inc: { version: 1 },
    $push: { ...told, history: status },
  };
}
