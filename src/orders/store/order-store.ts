import mongoose from 'mongoose';
import type { OutboxNotifier } from '../../outbox/outbox-notifier.ts';
import { createLoader, inOneBatch } from '../../platform/mongo/loader.ts';
import { streamDocuments } from '../../platform/mongo/stream-documents.ts';
import type { TicketModel } from '../../tickets/store/ticket-model.ts';
import type { ListedOrder, Order } from '../domain/order.ts';
import type { OrderChange } from '../domain/order-change.ts';
import type { PastOrder } from '../domain/rebuild-events.ts';
import { createChangeStore } from './change-store.ts';
import {
  listedFields,
  type OrderModel,
  type OrderRecord,
  ordersById,
  type ReadOrder,
  readOrder,
  toListedOrder,
  toOrder,
} from './order-model.ts';
import { type OrderList, type OrderQuery, type OverdueRange, orderQueries } from './order-queries.ts';
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
  const find = ({ filter, sort = {} }: OrderQuery) => orders.find(filter).sort(sort).lean<OrderRecord[]>();

  const findOrder = createLoader({ find: ordersById(orders), idOf: ({ _id }) => _id });

  return {
    ...createPurchaseStore(orders, tickets, notifier, holds),
    ...createChangeStore(orders, findOrder, notifier, onChange, holds),

    async findById(id: string): Promise<Order | undefined> {
      return mapped(await findOrder(id));
    },

    async findHolder(ticketId: string): Promise<Order | undefined> {
      const [holder] = await find(orderQueries.holders([new ObjectId(ticketId)])).limit(1);
      return mapped(holder);
    },

    /** A user's own orders, newest first. */
    async list({ limit, ...wanted }: OrderList): Promise<ListedOrder[]> {
      const query = find(orderQueries.own(wanted)).select(listedFields).limit(limit);
      return (await query.batchSize(inOneBatch(limit))).map(toListedOrder);
    },

    /**
     * Orders with a change or a payment since then, or one of them; and those of which nobody can tell. Reads all orders:
     * for an operator's command.
     */
    async *changedSince(since: Date, orderId?: string): AsyncGenerator<StoredPast> {
      const changed = [{ 'history.at': { $gte: since } }, { 'payments.at': { $gte: since } }];
      const unreadable = { history: { $not: { $type: 'array' as const } } };
      const _id = orderId === undefined ? {} : { _id: new ObjectId(orderId) };
      for await (const record of streamDocuments(
        find({ filter: { $or: [...changed, unreadable], ..._id } }),
      )) {
        yield { id: String(record._id), read: () => toPast(record) };
      }
    },

    /**
     * Orders that hold their ticket past its time, in pages: those whose time ended at `until` or before, and after
     * `after` where that is given, the latest first. Costs by the number of these orders, however many are stored.
     */
    async *findOverdue(range: OverdueRange): AsyncGenerator<ReadOrder[]> {
      let page: ReadOrder[] = [];
      for await (const record of streamDocuments(find(orderQueries.overdue(range)), overduePageSize)) {
        page.push(readOrder(record));
        if (page.length < overduePageSize) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    },

    /** Those of these orders that hold their ticket past its time. An id may be one that no order should have. */
    async readOverdue(ids: string[], now: Date): Promise<ReadOrder[]> {
      // Not `find`, which would cast the ids.
      const found = await orders.aggregate<OrderRecord>([
        { $match: { _id: { $in: ids.flatMap(storedIds) }, status: 'pending', expiresAt: { $lte: now } } },
      ]);
      return found.map(readOrder);
    },

    /** When the hold ended that is past its time for longest; undefined when none is. */
    async oldestOverdue(now: Date): Promise<Date | undefined> {
      const [oldest] = await find(orderQueries.oldestOverdue(now)).select({ expiresAt: 1 }).limit(1);
      return oldest?.expiresAt;
    },
  };
}

/** The ids under which a document may be stored that is named so. A hand-made one may have its id as text. */
function storedIds(id: string): (mongoose.Types.ObjectId | string)[] {
  return /^[0-9a-f]{24}$/.test(id) ? [new ObjectId(id), id] : [id];
}

function toPast(record: OrderRecord): PastOrder {
  return { order: toOrder(record), waiting: record.outbox.map(({ eventId }) => eventId) };
}

function mapped(record: OrderRecord | null | undefined): Order | undefined {
  return record ? toOrder(record) : undefined;
}
