import mongoose, { type mongo } from 'mongoose';
import { createLoader, inOneBatch } from '../database/loader.ts';
import type { OutboxNotifier } from '../outbox/outbox-notifier.ts';
import type { TicketModel } from '../tickets/ticket-model.ts';
import { createChangeStore } from './change-store.ts';
import type { ListedOrder, Order } from './order.ts';
import type { OrderChange } from './order-change.ts';
import {
  listedFields,
  type OrderModel,
  type OrderRecord,
  type ReadOrder,
  readOrder,
  recordsOf,
  toListedOrder,
  toOrder,
} from './order-model.ts';
import { type OrderList, type OrderQuery, type OverdueRange, orderQueries } from './order-queries.ts';
import type { PastOrder } from './past-events.ts';
import { createPurchaseStore, type HoldGuard } from './purchase-store.ts';

const { ObjectId } = mongoose.Types;

/** An order with its past. `read` throws when the stored document cannot be read. */
export interface StoredPast {
  id: string;
  read: () => PastOrder;
}

/** Read and changed together: one bulk (see batcher.ts), and little memory. */
const overduePageSize = 250;

export type OrderStore = ReturnType<typeof createOrderStore>;

/**
 * Every query and every write of orders. A write that tells of something notifies the relay of its outbox.
 * `onChange` is told of every change that was written, with the order after it. `holds` says whether a hold is safe to
 * take; commands, which take none, need not know.
 */
export function createOrderStore(
  orders: OrderModel,
  tickets: TicketModel,
  notifier: OutboxNotifier,
  onChange: (change: OrderChange, order: Order) => void = () => undefined,
  holds: HoldGuard = { throwIfMissing: () => undefined },
) {
  // The driver's own collection: Mongoose would build, cast and hydrate around each of these again.
  const stored = recordsOf(orders);

  const find = ({ filter, sort = {} }: OrderQuery, options?: mongo.FindOptions) =>
    stored.find(filter, options).sort(sort);

  const findOrder = createLoader({
    find: (ids) => stored.find({ _id: { $in: ids } }, { batchSize: inOneBatch(ids.length) }).toArray(),
    idOf: ({ _id }) => _id,
  });

  return {
    ...createPurchaseStore(orders, tickets, notifier, holds),
    ...createChangeStore(orders, findOrder, notifier, onChange, holds),

    async findById(id: string): Promise<Order | undefined> {
      return mapped(await findOrder(id));
    },

    async findHolder(ticketId: string): Promise<Order | undefined> {
      return mapped(await stored.findOne(orderQueries.holders([new ObjectId(ticketId)]).filter));
    },

    /** A user's own orders, newest first. */
    async list({ limit, ...wanted }: OrderList): Promise<ListedOrder[]> {
      const options = { projection: listedFields, batchSize: inOneBatch(limit) };
      const found = await find(orderQueries.own(wanted), options).limit(limit).toArray();
      return found.map(toListedOrder);
    },

    /**
     * Orders with a change or a payment since then, or one of them; and those of which nobody can tell. Reads all orders:
     * for an operator's command.
     */
    async *changedSince(since: Date, orderId?: string): AsyncGenerator<StoredPast> {
      const changed = [{ 'history.at': { $gte: since } }, { 'payments.at': { $gte: since } }];
      const unreadable = { history: { $not: { $type: 'array' as const } } };
      const _id = orderId === undefined ? {} : { _id: new ObjectId(orderId) };
      for await (const record of stored.find({ $or: [...changed, unreadable], ..._id })) {
        yield { id: String(record._id), read: () => toPast(record) };
      }
    },

    /**
     * Orders that hold their ticket past its time, in pages: those whose time ended at `until` or before, and after
     * `after` where that is given, the latest first. Costs by the number of these orders, however many are stored.
     */
    async *findOverdue(range: OverdueRange): AsyncGenerator<ReadOrder[]> {
      const cursor = find(orderQueries.overdue(range)).batchSize(overduePageSize);
      try {
        while (await cursor.hasNext()) yield cursor.readBufferedDocuments().map(readOrder);
      } finally {
        await cursor.close();
      }
    },

    /** Those of these orders that hold their ticket past its time. An id may be one that no order should have. */
    async readOverdue(ids: string[], now: Date): Promise<ReadOrder[]> {
      const _id = { $in: ids.flatMap(storedIds) };
      return (await stored.find({ _id, status: 'pending', expiresAt: { $lte: now } }).toArray()).map(
        readOrder,
      );
    },

    /** When the hold ended that is past its time for longest; undefined when none is. */
    async oldestOverdue(now: Date): Promise<Date | undefined> {
      const query = orderQueries.oldestOverdue(now);
      const [oldest] = await find(query, { projection: { expiresAt: 1 } })
        .limit(1)
        .toArray();
      return oldest?.expiresAt;
    },
  };
}

/** The ids under which a document may be stored that is named so. A hand-made one may have its id as text. */
function storedIds(id: string): mongoose.Types.ObjectId[] {
  const isObjectId = /^[0-9a-f]{24}$/.test(id);
  return [...(isObjectId ? [new ObjectId(id)] : []), id as unknown as mongoose.Types.ObjectId];
}

function toPast(record: OrderRecord): PastOrder {
  return { order: toOrder(record), waiting: record.outbox.map(({ eventId }) => eventId) };
}

function mapped(record: OrderRecord | null | undefined): Order | undefined {
  return record ? toOrder(record) : undefined;
}
