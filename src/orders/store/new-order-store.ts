import mongoose from 'mongoose';
import type { OutboxNotifier } from '../../outbox/outbox-notifier.ts';
import { createBatcher } from '../../platform/mongo/batcher.ts';
import { bulkOutcomes, validated } from '../../platform/mongo/bulk-writes.ts';
import { withoutUndefined } from '../../platform/schemas/every-field.ts';
import type { Order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-events.ts';
import type { HoldGuard } from './hold-index-store.ts';
import type { Idempotency } from './idempotency.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { unlistedFields } from './order-record.ts';

const { ObjectId } = mongoose.Types;

/** What an order takes beside its ticket; each is one order's only: a key by the id derived from it, a slot by its index. */
export interface Claims {
  idempotency?: Idempotency | undefined;
  pendingSlot?: number | undefined;
}

/** The one write of a new order. Orders of the same moment are written together, each with an outcome of its own. */
export function createNewOrderStore(orders: OrderModel, notifier: OutboxNotifier, holds: HoldGuard) {
  const write = createBatcher({
    runBatch: (records: OrderRecord[]) => bulkOutcomes(orders.insertMany(records, validated), records.length),
  });

  return {
    /**
     * Writes a new order, its hold and its event at once. `refused` means that a unique index was hit: another
     * order holds the ticket or has the slot, or the order of this id is stored already.
     *
     * @throws IndexMissing while no index would refuse a second holder
     * @throws ValidationError when the schema refuses the order; nothing is written then
     */
    async insert(order: Order, event: OrderEvent, claims: Claims = {}): Promise<'written' | 'refused'> {
      holds.throwIfMissing();
      const relayDueAt = notifier.leaseExpiresAt();
      // A new order has no payment, and one entry of each of the other lists, made by `place` (transitions.ts). To cast
      // and validate these subdocuments costs two and a half times as much as all the rest (docs/performance.md).
      const checked = await orders.validate(fieldsOf(order, claims, relayDueAt), {
        pathsToSkip: Object.keys(unlistedFields),
      });
      const { payments, history } = order;
      const outcome = await write({ ...checked, payments, history, outbox: [event] });
      if (outcome === 'written')
        notifier.notify({ orderId: order.id, events: [event], leaseExpiresAt: relayDueAt });
      return outcome;
    },
  };
}

type CheckedFields = Omit<OrderRecord, keyof typeof unlistedFields>;

/** The compiler asks here for every field of a stored order, also for an optional one. */
function fieldsOf(order: Order, { idempotency, pendingSlot }: Claims, relayDueAt: Date): CheckedFields {
  return withoutUndefined<CheckedFields>({
    _id: new ObjectId(order.id),
    userId: order.userId,
    status: order.status,
    version: order.version,
    createdAt: order.createdAt,
    expiresAt: order.expiresAt,
    ticketId: new ObjectId(order.ticketId),
    ticket: order.ticket,
    holdsTicket: true,
    idempotency,
    pendingSlot,
    lastChange: undefined,
    relayDueAt,
  });
}
