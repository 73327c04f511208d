import mongoose from 'mongoose';
import * as transitions from '../../src/orders/domain/transitions.ts';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';

const { ObjectId } = mongoose.Types;

export interface OrderWish {
  userId: string;
  ticketId?: mongoose.Types.ObjectId;
  createdAt?: Date;
  /** How long it holds its ticket, in milliseconds. */
  holdMs?: number;
  /** The id of the request, which its event carries. */
  correlationId?: string;
}

const dayMs = 24 * 3_600 * 1_000;

/** The document of an order that was just placed, as the service stores it. */
export function newOrder(wish: OrderWish): OrderRecord {
  const { userId, ticketId = new ObjectId(), createdAt = new Date(), holdMs = dayMs, correlationId } = wish;
  const _id = new ObjectId();
  const ticket = { id: ticketId.toHexString(), title: 'Piano evening', price: 20, version: 0 };
  const context = { now: createdAt, ...(correlationId !== undefined && { correlationId }) };
  const { order, event } = transitions.place({ id: _id.toHexString(), userId, ticket, holdMs }, context);
  const { id, ...stored } = order;
  return { ...stored, _id, ticketId, holdsTicket: true, outbox: [event], relayDueAt: new Date() };
}

/** The document of an order whose event the broker has. */
export function toldOrder(wish: OrderWish): OrderRecord {
  const { relayDueAt, ...order } = newOrder(wish);
  return { ...order, outbox: [] };
}

/** The document of an order that lies there from earlier days: paid, and told of. */
export function paidOrder(wish: OrderWish): OrderRecord {
  const order = toldOrder(wish);
  const at = order.createdAt;
  return {
    ...order,
    status: 'paid',
    version: 1,
    payments: [{ id: `payment-${order._id}`, stripeChargeId: `ch_${order._id}`, at }],
    history: [...order.history, { status: 'paid', version: 1, at, cause: 'payment' }],
  };
}
