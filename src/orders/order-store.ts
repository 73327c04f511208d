import mongoose from 'mongoose';
import { findTogether } from '../database/find-together.ts';
import type { OutboxNotifier } from '../outbox/outbox-notifier.ts';
import type { TicketModel } from '../tickets/ticket-model.ts';
import { createChangeStore } from './change-store.ts';
import type { ListedOrder, Order, OrderStatus } from './order.ts';
import type { OrderChange } from './order-change.ts';
import {
  listedFields,
  type OrderModel,
  type OrderRecord,
  recordsOf,
  toListedOrder,
  toOrder,
} from './order-model.ts';
import type { PastOrder } from './past-events.ts';
import { createPurchaseStore } from './purchase-store.ts';

const { ObjectId } = mongoose.Types;

export interface OrderList {
  userId: string;
  status?: OrderStatus;
  limit: number;
  /** The last order of the page before; the list goes on behind it. */
  after?: { createdAt: Date; id: string };
}

export type OrderStore = ReturnType<typeof createOrderStore>;

/**
 * Every query and every write of orders. A write that tells of something notifies the relay of its outbox.
 * `onChange` is told of every change that was written, with the order after it.
 */
export function createOrderStore(
  orders: OrderModel,
  tickets: TicketModel,
  notifier: OutboxNotifier,
  onChange: (change: OrderChange, order: Order) => void = () => undefined,
) {
  // The driver's own collection: Mongoose would build, cast and hydrate around each of these again.
  const stored = recordsOf(orders);

  const findOrder = findTogether(
    (ids) => stored.find({ _id: { $in: ids } }).toArray(),
    ({ _id }) => _id,
  );

  return {
    ...createPurchaseStore(orders, tickets, notifier),
    ...createChangeStore(orders, findOrder, notifier, onChange),

    async findById(id: string): Promise<Order | undefined> {
      return mapped(await findOrder(id));
    },

    async findHolder(ticketId: string): Promise<Order | undefined> {
      return mapped(await stored.findOne({ ticketId: new ObjectId(ticketId), holdsTicket: true }));
    },

    /** A user's own orders, newest first. */
    async list({ userId, status, limit, after }: OrderList): Promise<ListedOrder[]> {
      const wanted = {
        userId,
        ...(status && { status }),
        ...(after && {
          createdAt: { $lte: after.createdAt },
          $or: [{ createdAt: { $lt: after.createdAt } }, { _id: { $lt: new ObjectId(after.id) } }],
        }),
      };
      const found = await stored
        .find(wanted, { projection: listedFields })
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit)
        .toArray();
      return found.map(toListedOrder);
    },

    /** Orders with a change or a payment since then, or one of them. Reads all orders: for an operator's command. */
    async *changedSince(since: Date, orderId?: string): AsyncGenerator<PastOrder> {
      const changed = { $or: [{ 'history.at': { $gte: since } }, { 'payments.at': { $gte: since } }] };
      const query = orders.find({ ...changed, ...(orderId !== undefined && { _id: orderId }) });
      for await (const record of query.lean<OrderRecord[]>().cursor()) {
        yield { order: toOrder(record), waiting: record.outbox.map(({ eventId }) => eventId) };
      }
    },

    /** Orders that hold their ticket past its time, the longest overdue first. */
    async findOverdue(now: Date, limit: number): Promise<Order[]> {
      const found = await stored
        .find({ status: 'pending', expiresAt: { $lte: now } })
        .sort({ expiresAt: 1 })
        .limit(limit)
        .toArray();
      return found.map(toOrder);
    },
  };
}

function mapped(record: OrderRecord | null | undefined): Order | undefined {
  return record ? toOrder(record) : undefined;
}
