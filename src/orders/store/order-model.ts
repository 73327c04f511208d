import { type Connection, type Model, Schema, type Types } from 'mongoose';
import type { OutboxEvent } from '../../outbox/outbox-event.ts';
import {
  changeCauses,
  type HoldExtension,
  type OrderStatus,
  orderStatuses,
  type SettledPayment,
  type StatusChange,
  storedRefundReasons,
  type TicketSnapshot,
} from '../domain/order.ts';
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
  /** The hold: a unique index allows it for one order of a ticket. Absent when the order no longer holds the ticket. */
  holdsTicket?: true;
  /** The slot of a pending order, when the number of a user's pending orders is limited; otherwise absent. */
  pendingSlot?: number;
  /** Only when the order was placed with a key. The `_id` is derived from it. */
  idempotency?: Idempotency;
  payments: SettledPayment[];
  history: StatusChange[];
  /** Absent while the hold has never been extended. Releases up to 0.2.0 neither read nor write it. */
  extensions?: HoldExtension[];
  /** The id of the last change's write. It shows the writer that its change was written. */
  lastChange?: Types.ObjectId;
  /** Events that the broker has not acknowledged yet, oldest first, each with its time (see event-time.ts). */
  outbox: (OutboxEvent & { at?: Date })[];
  /** A sweep may send the outbox from this time on. Absent while the outbox is empty. */
  relayDueAt?: Date;
  /**
   * The order's next spaced event does not leave before this time. Stored only with a spacing, by the write that removes the
   * acknowledged event before it.
   */
  spacedUntil?: Date;
  /**
   * From this time on a kept hold, which is `holdsTicket` on a cancelled or expired order, no longer counts. Stored only with
   * a spacing, by the write that removes the acknowledged `order:cancelled`.
   */
  keptUntil?: Date;
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
        {
          id: String,
          stripeChargeId: String,
          at: Date,
          // A string, since 0.1 reads it so: what is known besides stands beside it.
          refund: { type: String, enum: storedRefundReasons },
          refundDueAt: Date,
          refundCompletedAt: Date,
          refundNote: String,
        } satisfies Record<keyof SettledPayment, unknown>,
        nested,
      ),
    ],
    history: [
      new Schema(
        {
          status: String,
          version: Number,
          at: Date,
          cause: { type: String, enum: changeCauses },
          paymentId: String,
          reason: String,
        } satisfies Record<keyof StatusChange, unknown>,
        nested,
      ),
    ],
    // Without a default: an order that was never extended is stored as before.
    extensions: {
      type: [new Schema({ n: Number, at: Date, from: Date, to: Date }, nested)],
      default: undefined,
    },
    lastChange: Schema.Types.ObjectId,
    // Its events are of any version of the service: the relay checks what it sends (outbox/serialize-event.ts).
    outbox: [Schema.Types.Mixed],
    relayDueAt: Date,
    spacedUntil: Date,
    keptUntil: Date,
  } satisfies Record<Exclude<keyof OrderRecord, '_id'>, unknown>,
  { collection: 'orders', versionKey: false, strict: 'throw', strictQuery: 'throw' },
);

export type OrderModel = Model<OrderRecord>;

/** The orders of a database. */
export function orderModel(connection: Connection): OrderModel {
  return connection.model<OrderRecord>('Order', orderSchema);
}
