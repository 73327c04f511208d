import mongoose, { type QueryFilter, type UpdateQuery } from 'mongoose';
import { createBatcher } from '../../platform/mongo/batcher.ts';
import { bulkOutcomes, unordered } from '../../platform/mongo/bulk-writes.ts';
import { streamPages } from '../../platform/mongo/stream-documents.ts';
import { type KeptHold, releasedStatuses } from '../domain/kept-hold.ts';
import { changeEventId } from '../domain/order-event.ts';
import type { TicketHold } from '../domain/purchase.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { type OrderQuery, orderQueries } from './order-queries.ts';
import { toOrder } from './order-record.ts';

const { ObjectId } = mongoose.Types;

/** Read and written together: one bulk (see batcher.ts), and little memory. */
const pageSize = 250;

/** Changes neither status nor version of the order, and adds no event. */
export interface KeptHoldWrite {
  filter: QueryFilter<OrderRecord>;
  update: UpdateQuery<OrderRecord>;
}

/** The hold in an order that holds its ticket, or keeps its hold. */
export function toTicketHold(record: OrderRecord): TicketHold {
  const keptHold = toKeptHold(record);
  return keptHold ? { keptHold } : { holdingOrder: toOrder(record) };
}

/** The reads and writes of kept holds. Writes of the same moment share a bulk write. */
export function createKeptHoldStore(orders: OrderModel) {
  const write = createBatcher({
    runBatch: (writes: KeptHoldWrite[]) =>
      bulkOutcomes(
        orders.bulkWrite(
          writes.map((updateOne) => ({ updateOne })),
          unordered,
        ),
        writes.length,
      ),
  });

  /** The cost depends only on the number of these holds. */
  async function* pagesOf({ filter, sort = {} }: OrderQuery): AsyncGenerator<KeptHold[]> {
    const found = orders.find(filter).sort(sort).lean<OrderRecord[]>();
    for await (const page of streamPages(found, pageSize))
      yield page.flatMap((record) => toKeptHold(record) ?? []);
  }

  return {
    /** Kept holds in pages: those over by `until`, or all that have an end. */
    findKeptHolds: (until?: Date) => pagesOf(orderQueries.keptHoldsWithEnd(until)),

    /** Kept holds that have no end, in pages: those that have no event to send, or all. */
    findKeptHoldsWithoutEnd: (outbox: 'any' | 'empty') => pagesOf(orderQueries.keptHoldsWithoutEnd(outbox)),

    /** Ends a kept hold, unless it has changed since it was read: the ticket is free for other orders. */
    async endKeptHold(keptHold: KeptHold): Promise<void> {
      await write(endOf(keptHold));
    },

    /** Stores from when a kept hold no longer counts, unless it has changed since it was read. */
    async storeKeptUntil(keptHold: KeptHold, until: Date): Promise<void> {
      await write({ filter: filterOf(keptHold), update: { $set: { keptUntil: until } } });
    },
  };
}

/** The update that ends a kept hold, unless it has changed since it was read. */
export function endOf(keptHold: KeptHold): KeptHoldWrite {
  return { filter: filterOf(keptHold), update: { $unset: { holdsTicket: 1, keptUntil: 1 } } };
}

function toKeptHold({
  _id,
  status,
  version,
  holdsTicket,
  keptUntil,
  outbox,
}: OrderRecord): KeptHold | undefined {
  const released = releasedStatuses.find((one) => one === status);
  if (!holdsTicket || !released) return undefined;
  const orderId = String(_id);
  const eventId = changeEventId(orderId, version);
  return {
    orderId,
    status: released,
    version,
    // After a manual repair this may not be a date, nor the outbox a list. The audit reports the order.
    until: keptUntil instanceof Date ? keptUntil : undefined,
    isEventPending: [outbox].flat().some((event) => event?.eventId === eventId),
  };
}

/** `null` matches a field that is absent. */
function filterOf({ orderId, status, version, until }: KeptHold): QueryFilter<OrderRecord> {
  return { _id: new ObjectId(orderId), status, version, holdsTicket: true, keptUntil: until ?? null };
}
