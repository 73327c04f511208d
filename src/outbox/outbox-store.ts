import type { OutgoingEvent } from '../messaging/contracts.ts';
import type { OrderModel, OrderRecord } from '../orders/order-model.ts';
import { outboxRemoval } from './removal-store.ts';

/** An order's outbox, oldest event first. */
export interface Outbox {
  orderId: string;
  events: OutgoingEvent[];
}

/** What waits for the broker. */
export interface Backlog {
  /** How many orders have events that wait, counted up to 10,000. */
  waiting: number;
  /** When the oldest of these events happened; undefined when none waits. */
  since: Date | undefined;
}

const mostCounted = 10_000;
/** Where more wait, some of those that nobody has tried to send for longest. */
const mostDated = 200;

export type OutboxStore = ReturnType<typeof createOutboxStore>;

/** Every query and every write of the outboxes, which lie in the orders. */
export function createOutboxStore(orders: OrderModel) {
  return {
    /** Orders whose outbox nobody is sending, due longest first. Costs the same however many orders are stored. */
    async findDue(now: Date, limit: number): Promise<string[]> {
      const found = await orders
        .find({ relayDueAt: { $lte: now } }, { _id: 1 })
        .sort({ relayDueAt: 1 })
        .limit(limit)
        .lean<Pick<OrderRecord, '_id'>[]>();
      return found.map(({ _id }) => _id.toHexString());
    },

    /** The outboxes of these orders, without those that have been sent, or leased by a write, since they were due. */
    async read(orderIds: string[], now: Date): Promise<Outbox[]> {
      const due = await orders
        .find({ _id: { $in: orderIds }, relayDueAt: { $lte: now } }, { outbox: 1 })
        .lean<Pick<OrderRecord, '_id' | 'outbox'>[]>();
      return due.map(({ _id, outbox }) => ({ orderId: _id.toHexString(), events: outbox }));
    },

    /** How much waits, and for how long. Costs the same however many orders are stored. */
    async backlog(): Promise<Backlog> {
      // A range, since the sparse index is no help with `$exists` everywhere.
      const waiting = { relayDueAt: { $gt: new Date(0) } };
      const [count, records] = await Promise.all([
        orders.countDocuments(waiting, { limit: mostCounted }),
        orders
          .find(waiting, { outbox: 1, history: 1, payments: 1 })
          .sort({ relayDueAt: 1 })
          .limit(mostDated)
          .lean<WaitingRecord[]>(),
      ]);
      const times = records.flatMap((record) => happenedAt(record)?.getTime() ?? []);
      return { waiting: count, since: times.length > 0 ? new Date(Math.min(...times)) : undefined };
    },

    remove: outboxRemoval(orders),
  };
}

type WaitingRecord = Pick<OrderRecord, 'outbox' | 'history' | 'payments'>;

/** When the order's oldest event happened. */
function happenedAt({ outbox: [event], history, payments }: WaitingRecord): Date | undefined {
  if (!event) return undefined;
  if (event.subject === 'order:refund-required')
    return payments.find(({ id }) => id === event.data.paymentId)?.at;
  return history.find(({ version }) => version === event.data.version)?.at;
}
