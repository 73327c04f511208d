import mongoose from 'mongoose';
import { isDuplicateKey } from '../database/failures.ts';
import type { OutgoingEvent } from '../messaging/contracts.ts';
import type { HandOff } from '../outbox/hand-off.ts';
import type { TicketModel, TicketRecord } from '../tickets/ticket-model.ts';
import type { Order } from './order.ts';
import { type OrderModel, type OrderRecord, toOrder } from './order-model.ts';

const { ObjectId } = mongoose.Types;

export interface Idempotency {
  key: string;
  fingerprint: string;
}

/** An order that awaits payment, with its slot under the limit of its user. */
export type PendingOrder = Order & { pendingSlot?: number };

/** What an order takes beside its ticket; a unique index gives each to one order only. */
export interface Claims {
  idempotency?: Idempotency | undefined;
  pendingSlot?: number | undefined;
}

/** What a purchase needs to know before it writes. */
export interface PurchaseView {
  ticket: { id: string; title: string; price: number; version: number };
  /** The order that holds the ticket, if one does. */
  holder?: Order;
  /** The order that this user placed with this key, if there is one. */
  keyed?: Order & { fingerprint: string };
  /** The order with the id that this purchase was given, if an earlier try has written it after all. */
  own?: Order;
  /** The orders of this user that await payment, oldest first, up to the number asked for. */
  pending: PendingOrder[];
}

/** The one read and the one write of a purchase. */
export function createPurchaseStore(orders: OrderModel, tickets: TicketModel, handOff: HandOff) {
  /** A sub-query with constants, not a correlated one: it is planned like any other find, so its index is used. */
  function lookUpOrder(as: string, filter: Record<string, unknown>) {
    const from = orders.collection.collectionName;
    return { $lookup: { from, let: {}, pipeline: [{ $match: filter }, { $limit: 1 }], as } };
  }

  function lookUpPending(userId: string, most: number) {
    const from = orders.collection.collectionName;
    const oldestFirst = { $sort: { createdAt: 1, _id: 1 } } as const;
    const pipeline = [{ $match: { userId, status: 'pending' } }, oldestFirst, { $limit: most }];
    return { $lookup: { from, let: {}, pipeline, as: 'pending' } };
  }

  return {
    /**
     * One round trip for the ticket, its present holder and, if asked for, the order of an idempotency key, the
     * order of an id and the user's pending orders. Without such a ticket: undefined.
     */
    async viewForPurchase(wanted: {
      ticketId: string;
      userId: string;
      key?: string | undefined;
      orderId?: string | undefined;
      /** How many pending orders of the user to look for. */
      pending?: number | undefined;
    }): Promise<PurchaseView | undefined> {
      const { userId, key, orderId, pending = 0 } = wanted;
      const ticketId = new ObjectId(wanted.ticketId);
      const [found] = await tickets.aggregate<TicketRecord & Partial<Record<string, OrderRecord[]>>>([
        { $match: { _id: ticketId } },
        // First, so that an order that is counted here is found by its key, too: a replay is never refused for it.
        ...(pending === 0 ? [] : [lookUpPending(userId, pending)]),
        lookUpOrder('holder', { ticketId, holdsTicket: true }),
        ...(key === undefined ? [] : [lookUpOrder('keyed', { userId, 'idempotency.key': key })]),
        ...(orderId === undefined ? [] : [lookUpOrder('own', { _id: new ObjectId(orderId) })]),
      ]);
      if (!found) return undefined;
      const [holder, keyed, own] = [found['holder']?.[0], found['keyed']?.[0], found['own']?.[0]];
      return {
        ticket: { id: wanted.ticketId, title: found.title, price: found.price, version: found.version },
        ...(holder && { holder: toOrder(holder) }),
        ...(own && { own: toOrder(own) }),
        ...(keyed && { keyed: { ...toOrder(keyed), fingerprint: keyed.idempotency?.fingerprint ?? '' } }),
        pending: (found['pending'] ?? []).map((record) => ({
          ...toOrder(record),
          ...(record.pendingSlot !== undefined && { pendingSlot: record.pendingSlot }),
        })),
      };
    },

    /**
     * Writes a new order, its hold and its event at once. `refused` means that a unique index was hit: another
     * order holds the ticket, has the key or has the slot, or this very order is stored already.
     */
    async insert(
      order: Order,
      event: OutgoingEvent,
      { idempotency, pendingSlot }: Claims = {},
    ): Promise<'inserted' | 'refused'> {
      const record: OrderRecord = {
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
        payments: order.payments,
        history: order.history,
        outbox: [event],
        relayDueAt: handOff.leaseEnd(),
      };
      try {
        await orders.collection.insertOne(record);
      } catch (error) {
        if (isDuplicateKey(error)) return 'refused';
        throw error;
      }
      handOff.written(order.id, record.outbox);
      return 'inserted';
    },
  };
}
