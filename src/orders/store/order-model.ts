import { type Connection, type Model, Schema, type Types } from 'mongoose';
import type { OutboxEvent } from '../../outbox/outbox-event.ts';
import type { IndexedCollection, WantedIndex } from '../../platform/mongo/indexes.ts';
import { inOneBatch } from '../../platform/mongo/loader.ts';
import {
  changeCauses,
  type ListedOrder,
  type Order,
  type OrderStatus,
  orderStatuses,
  refundReasons,
  type SettledPayment,
  type StatusChange,
  type TicketSnapshot,
} from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event-schemas.ts';
import type { Idempotency } from './idempotency.ts';

/** An order as it is stored. Everything that changes together lies in this one document. */
export interface OrderRecord {
  _id: Types.ObjectId;
  userId: string;
  status: OrderStatus;
  version: number;
  createdAt: Date;
  expiresAt: Date;
  ticketId: Types.ObjectId;
  ticket: TicketSnapshot;
  /** The hold: at most one order of a ticket has it, by a unique index. Absent once the ticket is let go. */
  holdsTicket?: true;
  /** One of the places that its user has for pending orders, where their number is limited; absent otherwise. */
  pendingSlot?: number;
  /** Of an order that was placed with a key, which its `_id` is derived from. */
  idempotency?: Idempotency;
  payments: SettledPayment[];
  history: StatusChange[];
  /** The mark of the change that was written last, by which its writer knows that it was this one. */
  lastChange?: Types.ObjectId;
  /** Events that the broker has not acknowledged yet, oldest first. */
  outbox: (OrderEvent & Pick<OutboxEvent, 'sender'>)[];
  /** When a sweep may take up the outbox; absent while the outbox is empty. */
  relayDueAt?: Date;
}

const nested = { _id: false, strict: 'throw' } as const;
const required = true;

const orderSchema = new Schema<OrderRecord>(
  {
    userId: { type: String, required },
    status: { type: String, required, enum: orderStatuses },
    version: { type: Number, required },
    createdAt: { type: Date, required },
    expiresAt: { type: Date, required },
    ticketId: { type: Schema.Types.ObjectId, required },
    ticket: new Schema({ title: String, price: Number, version: Number }, nested),
    holdsTicket: Boolean,
    pendingSlot: Number,
    idempotency: new Schema({ key: String, fingerprint: String }, nested),
    payments: [
      new Schema(
        { id: String, stripeChargeId: String, at: Date, refund: { type: String, enum: refundReasons } },
        nested,
      ),
    ],
    history: [
      new Schema(
        { status: String, version: Number, at: Date, cause: { type: String, enum: changeCauses } },
        nested,
      ),
    ],
    lastChange: Schema.Types.ObjectId,
    // Its events are of any version of the service: the relay looks at what it sends (outbox/message-of.ts).
    outbox: [Schema.Types.Mixed],
    relayDueAt: Date,
  },
  { collection: 'orders', versionKey: false, strict: 'throw', strictQuery: 'throw' },
);

/** The promise that one order holds a ticket. */
export const holdIndex: WantedIndex = {
  name: 'one_holder_per_ticket',
  key: { ticketId: 1 },
  unique: true,
  partialFilterExpression: { holdsTicket: true },
};

/** Every query of the service has its index here, and every index a query. */
export const orderIndexes: readonly WantedIndex[] = [
  holdIndex,
  // The status at its end is of no use any more; another key would be another index to be built and dropped by hand.
  { name: 'own_orders_newest_first', key: { userId: 1, createdAt: -1, _id: -1, status: 1 } },
  // One for lists of one status and, read backwards, for the limit of pending orders: each costs every write.
  { name: 'own_orders_by_status', key: { userId: 1, status: 1, createdAt: -1, _id: -1 } },
  { name: 'holds_by_end', key: { expiresAt: 1 }, partialFilterExpression: { status: 'pending' } },
  { name: 'outboxes_by_due_time', key: { relayDueAt: 1 }, sparse: true },
];

const pendingLimitIndex: WantedIndex = {
  name: 'one_pending_order_per_slot',
  key: { userId: 1, pendingSlot: 1 },
  unique: true,
  partialFilterExpression: { pendingSlot: { $exists: true } },
};

export type OrderModel = Model<OrderRecord>;

export function orderModel(connection: Connection): OrderModel {
  return connection.model<OrderRecord>('Order', orderSchema);
}

export function orderCollection(connection: Connection): IndexedCollection {
  return { model: orderModel(connection), indexes: orderIndexes };
}

/** What a limit of pending orders needs besides. Where there is none, no write has to look at its index. */
export function pendingLimitOf(connection: Connection): IndexedCollection {
  return { model: orderModel(connection), indexes: [pendingLimitIndex] };
}

/** Makes the query for the orders of these ids, as they are stored. */
export function ordersById(orders: OrderModel): (ids: Types.ObjectId[]) => Promise<OrderRecord[]> {
  return (ids) =>
    orders
      .find({ _id: { $in: ids } })
      .batchSize(inOneBatch(ids.length))
      .lean<OrderRecord[]>()
      .exec();
}

/** What a list reads of its orders: most of a document is its past and what is still to be sent. */
export const listedFields = { payments: 0, history: 0, outbox: 0 } as const;

/** The order in a stored document, as lists have it. */
export function toListedOrder(record: Omit<OrderRecord, keyof typeof listedFields>): ListedOrder {
  return {
    id: record._id.toHexString(),
    userId: record.userId,
    status: record.status,
    version: record.version,
    createdAt: record.createdAt,
    expiresAt: record.expiresAt,
    ticketId: record.ticketId.toHexString(),
    ticket: record.ticket,
  };
}

/** The order in a stored document. */
export function toOrder(record: OrderRecord): Order {
  return { ...toListedOrder(record), payments: record.payments, history: record.history };
}

/** A stored order as a pass over many meets it: one that cannot be read is named, so that the pass gets past it. */
export type ReadOrder = { id: string; order: Order } | { id: string; problem: unknown };

/** The order in a stored document, or why there is none. Never throws. */
export function readOrder(record: OrderRecord): ReadOrder {
  const id = String(record._id);
  try {
    return { id, order: toOrder(record) };
  } catch (problem) {
    return { id, problem };
  }
}
