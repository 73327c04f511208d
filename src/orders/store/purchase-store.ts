import mongoose from 'mongoose';
import type { OutboxNotifier } from '../../outbox/outbox-notifier.ts';
import { createBatcher } from '../../platform/mongo/batcher.ts';
import { bulkOutcomes, validated } from '../../platform/mongo/bulk-writes.ts';
import type { Ticket } from '../../tickets/domain/ticket.ts';
import { cutTitle } from '../../tickets/domain/title.ts';
import type { TicketModel, TicketRecord } from '../../tickets/store/ticket-model.ts';
import type { Order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event-schemas.ts';
import type { Idempotency } from './idempotency.ts';
import { listedFields, type OrderModel, type OrderRecord, toOrder } from './order-model.ts';
import { orderQueries } from './order-queries.ts';
import { createPurchaseReader } from './purchase-reader.ts';

const { ObjectId } = mongoose.Types;

/** An order that awaits payment, with its slot under the limit of its user. */
export type PendingOrder = Order & { pendingSlot?: number };

/** An order, and what it was placed for if that was with a key. */
export type StoredOrder = Order & { fingerprint?: string };

/** What an order takes beside its ticket; each is one order's only: a key by the id derived from it, a slot by its index. */
export interface Claims {
  idempotency?: Idempotency | undefined;
  pendingSlot?: number | undefined;
}

/** Says whether a hold is safe to take. */
export interface HoldGuard {
  throwIfMissing(): void;
}

/** What a purchase needs to know before it writes. */
export interface PurchaseContext {
  /** Absent when there is no such ticket. */
  ticket?: Ticket;
  /** The order that holds the ticket, if one does. */
  holder?: Order;
  /** The order with the id of this purchase, if it is stored: a request before, or an earlier try, has written it. */
  own?: StoredOrder;
  /** The orders of this user that await payment, oldest first, up to the number asked for. */
  pending: PendingOrder[];
}

/**
 * The look before a purchase, and its one write. Purchases of the same moment look and write together, each with an
 * outcome of its own.
 */
export function createPurchaseStore(
  orders: OrderModel,
  tickets: TicketModel,
  notifier: OutboxNotifier,
  holds: HoldGuard = { throwIfMissing: () => undefined },
) {
  const look = createPurchaseReader(orders, tickets);

  const write = createBatcher({
    runBatch: (records: OrderRecord[]) => bulkOutcomes(orders.insertMany(records, validated), records.length),
  });

  async function findPending(userId: string, most: number): Promise<OrderRecord[]> {
    if (most === 0) return [];
    const { filter, sort = {} } = orderQueries.pending(userId);
    return orders.find(filter).sort(sort).limit(most).lean<OrderRecord[]>();
  }

  return {
    /**
     * The ticket, its present holder and, if asked for, the order of an id and the user's pending orders: queries side
     * by side, so in the time of one.
     */
    async loadPurchaseContext(wanted: {
      ticketId: string;
      userId: string;
      orderId?: string | undefined;
      /** How many pending orders of the user to look for. */
      pending?: number | undefined;
    }): Promise<PurchaseContext> {
      const { ticketId, userId, orderId, pending: most = 0 } = wanted;
      const [{ ticket, holder, own: byId }, pending] = await Promise.all([
        look({ ticketId, orderId }),
        findPending(userId, most),
      ]);
      // One query may see an order that another, a moment earlier, did not: what is in the way may be what is looked for.
      const inTheWay = holder ? [holder, ...pending] : pending;
      const own =
        byId ??
        inTheWay.find(({ _id }) => _id.toHexString() === orderId) ??
        // More may be pending than were asked for.
        (most > 0 && pending.length >= most ? (await look({ ticketId, orderId })).own : undefined);
      return {
        ...(ticket && { ticket: toTicket(ticket) }),
        ...(holder && { holder: toOrder(holder) }),
        ...(own && { own: toStoredOrder(own) }),
        pending: pending.map((record) => ({
          ...toOrder(record),
          ...(record.pendingSlot !== undefined && { pendingSlot: record.pendingSlot }),
        })),
      };
    },

    /**
     * Writes a new order, its hold and its event at once. `refused` means that a unique index was hit: another
     * order holds the ticket or has the slot, or the order of this id is stored already.
     *
     * @throws IndexMissing while no index would refuse a second holder
     * @throws ValidationError when the schema refuses the order; nothing is written then
     */
    async insert(
      order: Order,
      event: OrderEvent,
      { idempotency, pendingSlot }: Claims = {},
    ): Promise<'written' | 'refused'> {
      holds.throwIfMissing();
      const relayDueAt = notifier.leaseExpiresAt();
      const own = await orders.validate(
        {
          _id: new ObjectId(order.id),
          userId: order.userId,
          status: order.status,
          version: order.version,
          createdAt: order.createdAt,
          expiresAt: order.expiresAt,
          ticketId: new ObjectId(order.ticketId),
          ticket: order.ticket,
          holdsTicket: true,
          ...(idempotency && { idempotency }),
          ...(pendingSlot !== undefined && { pendingSlot }),
          relayDueAt,
        } satisfies Omit<OrderRecord, keyof typeof listedFields>,
        // A new order has no payment, and one entry of each of the others, made by `placed` (order-change.ts). To cast
        // and validate these subdocuments costs two and a half times as much as all the rest (docs/performance.md).
        { pathsToSkip: Object.keys(listedFields) },
      );
      const { payments, history } = order;
      const record = { ...own, payments, history, outbox: [event] };
      const outcome = await write(record);
      if (outcome === 'written')
        notifier.notify({ orderId: order.id, events: [event], leaseExpiresAt: relayDueAt });
      return outcome;
    },
  };
}

function toTicket({ _id, title, price, version }: TicketRecord): Ticket {
  // A copy, or an update that was parked, may be of a time when longer titles were taken.
  return { id: _id.toHexString(), title: cutTitle(title), price, version };
}

function toStoredOrder(record: OrderRecord): StoredOrder {
  const fingerprint = record.idempotency?.fingerprint;
  return { ...toOrder(record), ...(fingerprint !== undefined && { fingerprint }) };
}
