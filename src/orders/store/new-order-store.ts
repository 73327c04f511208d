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

/** The key and the slot of a new order. Each belongs to one order only: the key by the derived `_id`, the slot by its index. */
export interface Claims {
  idempotency?: Idempotency | undefined;
  pendingSlot?: number | undefined;
}

/** Writes new orders. Orders of the same moment share a write, and each has its own outcome. */
export function createNewOrderStore(orders: OrderModel, notifier: OutboxNotifier, holds: HoldGuard) {
  const write = createBatcher({
    runBatch: (records: OrderRecord[]) => bulkOutcomes(orders.insertMany(records, validated), records.length),
  });

  return {
    /**
     * Writes a new order, its hold and its event in one document. `refused` means a duplicate key: another order holds the
     * ticket or has the slot, or an order with this id is stored already.
     *
     * @throws IndexMissing while the unique index of the holds is missing
     * @throws ValidationError when the schema refuses the order; nothing is written then
     */
    async insert(order: Order, event: OrderEvent, claims: Claims = {}): Promise<'written' | 'refused'> {
      holds.throwIfMissing();
      const relayDueAt = notifier.leaseExpiresAt();
      // Not cast and validated: the lists have only what `place` (transitions.ts) makes, and their subdocuments would cost
      // two and a half times as much as all the rest (docs/performance.md).
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

/** A missing field of a stored order does not compile here, also an optional one. */
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
    spacedUntil: undefined,
    keptUntil: undefined,
  });
}
