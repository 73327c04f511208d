import mongoose from 'mongoose';
import { isDuplicateKey } from '../database/failures.ts';
import type { OutgoingEvent } from '../messaging/contracts.ts';
import type { HandOff } from '../outbox/hand-off.ts';
import type { TicketModel, TicketRecord } from '../tickets/ticket-model.ts';
import { holdsTicket, type Order, type OrderStatus } from './order.ts';
import type { OrderChange } from './order-change.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';

const { ObjectId } = mongoose.Types;

export interface Idempotency {
  key: string;
  fingerprint: string;
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
}

export interface OrderList {
  userId: string;
  status?: OrderStatus;
  limit: number;
  /** The last order of the page before; the list goes on behind it. */
  after?: { createdAt: Date; id: string };
}

export type OrderStore = ReturnType<typeof createOrderStore>;

/** Every query and every write of orders. A write that tells of something hands the order over to the relay. */
export function createOrderStore(orders: OrderModel, tickets: TicketModel, handOff: HandOff) {
  /** A sub-query with constants, not a correlated one: it is planned like any other find, so its index is used. */
  function lookUpOrder(as: string, filter: Record<string, unknown>) {
    const from = orders.collection.collectionName;
    return { $lookup: { from, let: {}, pipeline: [{ $match: filter }, { $limit: 1 }], as } };
  }

  return {
    /**
     * One round trip for the ticket, its present holder and, if asked for, the order of an idempotency key and
     * the order of an id. Without such a ticket: undefined.
     */
    async viewForPurchase(wanted: {
      ticketId: string;
      userId: string;
      key?: string | undefined;
      orderId?: string | undefined;
    }): Promise<PurchaseView | undefined> {
      const { userId, key, orderId } = wanted;
      const ticketId = new ObjectId(wanted.ticketId);
      const [found] = await tickets.aggregate<TicketRecord & Partial<Record<string, OrderRecord[]>>>([
        { $match: { _id: ticketId } },
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
      };
    },

    /**
     * Writes a new order, its hold and its event at once. `refused` means that a unique index was hit: another
     * order holds the ticket or has the key, or this very order is stored already.
     */
    async insert(
      order: Order,
      event: OutgoingEvent,
      idempotency?: Idempotency,
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

    /**
     * Writes a change and its event at once, if the order is still as the change expects it (else `outdated`) and
     * nobody else holds the ticket that the change wants to hold again (else `ticket_taken`).
     */
    async apply({ from, status, payment, event }: OrderChange): Promise<Order | 'outdated' | 'ticket_taken'> {
      const held = status && holdsTicket(status.status);
      try {
        const after = await orders
          .findOneAndUpdate(
            {
              _id: from.id,
              status: from.status,
              version: from.version,
              // Two deliveries of one payment would otherwise both match: a refund changes neither status nor version.
              ...(payment && { 'payments.id': { $ne: payment.id } }),
            },
            {
              $set: {
                relayDueAt: handOff.leaseEnd(),
                ...(status && { status: status.status }),
                ...(held && { holdsTicket: true }),
              },
              ...(status && !held && { $unset: { holdsTicket: 1 } }),
              ...(status && { $inc: { version: 1 } }),
              $push: {
                outbox: event,
                ...(status && { history: status }),
                ...(payment && { payments: payment }),
              },
            },
            { returnDocument: 'after' },
          )
          .lean<OrderRecord>();
        if (!after) return 'outdated';
        handOff.written(from.id, after.outbox);
        return toOrder(after);
      } catch (error) {
        if (isDuplicateKey(error)) return 'ticket_taken';
        throw error;
      }
    },

    async findById(id: string): Promise<Order | undefined> {
      return mapped(await orders.findById(id).lean<OrderRecord>());
    },

    async findHolder(ticketId: string): Promise<Order | undefined> {
      return mapped(await orders.findOne({ ticketId, holdsTicket: true }).lean<OrderRecord>());
    },

    async findByKey(userId: string, key: string): Promise<Order | undefined> {
      return mapped(await orders.findOne({ userId, 'idempotency.key': key }).lean<OrderRecord>());
    },

    /** A user's own orders, newest first. */
    async list({ userId, status, limit, after }: OrderList): Promise<Order[]> {
      const found = await orders
        .find({
          userId,
          ...(status && { status }),
          ...(after && {
            createdAt: { $lte: after.createdAt },
            $or: [{ createdAt: { $lt: after.createdAt } }, { _id: { $lt: after.id } }],
          }),
        })
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit)
        .lean<OrderRecord[]>();
      return found.map(toOrder);
    },

    /** Orders with a change or a payment since then, or one of them. Reads all orders: for an operator's command. */
    async *changedSince(since: Date, orderId?: string): AsyncGenerator<Order> {
      const changed = { $or: [{ 'history.at': { $gte: since } }, { 'payments.at': { $gte: since } }] };
      const query = orders.find({ ...changed, ...(orderId !== undefined && { _id: orderId }) });
      for await (const record of query.lean<OrderRecord[]>().cursor()) yield toOrder(record);
    },

    /** Orders that hold their ticket past its time, the longest overdue first. */
    async findOverdue(now: Date, limit: number): Promise<Order[]> {
      const found = await orders
        .find({ status: 'pending', expiresAt: { $lte: now } })
        .sort({ expiresAt: 1 })
        .limit(limit)
        .lean<OrderRecord[]>();
      return found.map(toOrder);
    },
  };
}

function mapped(record: OrderRecord | null): Order | undefined {
  return record ? toOrder(record) : undefined;
}

function toOrder(record: OrderRecord): Order {
  return {
    id: record._id.toHexString(),
    userId: record.userId,
    status: record.status,
    version: record.version,
    createdAt: record.createdAt,
    expiresAt: record.expiresAt,
    ticketId: record.ticketId.toHexString(),
    ticket: record.ticket,
    payments: record.payments,
    history: record.history,
  };
}
