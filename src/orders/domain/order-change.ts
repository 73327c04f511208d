import {
  type ChangeCause,
  nextStatuses,
  type Order,
  type OrderStatus,
  type Payment,
  type RefundReason,
  type SettledPayment,
  type StatusChange,
} from './order.ts';
import type { OrderEvent } from './order-event-schemas.ts';
import { cancelledEvent, createdEvent, paidEvent, refundEvent } from './order-events.ts';

/**
 * One change of one order with the event that tells of it. The store writes it in a single update, and only if
 * the order is still as it was when the change was decided (`from`).
 */
export interface OrderChange {
  from: { id: string; status: OrderStatus; version: number };
  /** Absent when the status stays as it is (a refund). */
  status?: StatusChange;
  payment?: SettledPayment;
  event: OrderEvent;
}

/** What a change needs to know beside the order: when it happens, and which request asked for it. */
export interface ChangeContext {
  now: Date;
  correlationId?: string;
}

export interface Purchase {
  id: string;
  userId: string;
  ticket: { id: string; title: string; price: number; version: number };
  /** How long the order holds its ticket, in milliseconds. */
  holdMs: number;
}

/** A new order that holds its ticket from now on, and its `order:created`. */
export function placed(
  purchase: Purchase,
  { now, correlationId }: ChangeContext,
): { order: Order; event: OrderEvent } {
  const { id: ticketId, ...ticket } = purchase.ticket;
  const order: Order = {
    id: purchase.id,
    userId: purchase.userId,
    status: 'pending',
    version: 0,
    createdAt: now,
    expiresAt: new Date(now.getTime() + purchase.holdMs),
    ticketId,
    ticket,
    payments: [],
    history: [{ status: 'pending', version: 0, at: now, cause: 'buyer' }],
  };
  return { order, event: createdEvent(order, correlationId) };
}

/** The buyer gives the ticket back. */
export function cancelled(order: Order, occasion: ChangeContext): OrderChange {
  return released(order, 'cancelled', 'buyer', occasion);
}

/** The hold is over: `expiry` when time alone ended it, `takeover` when the next buyer did. */
export function expired(order: Order, cause: 'expiry' | 'takeover', occasion: ChangeContext): OrderChange {
  return released(order, 'expired', cause, occasion);
}

/** The payment buys the ticket. From `expired` this holds the ticket again in the same write. */
export function paid(order: Order, payment: Payment, { now, correlationId }: ChangeContext): OrderChange {
  const status = nextStatus(order, 'paid', 'payment', now);
  return {
    from: order,
    status,
    payment: { ...payment, at: now },
    event: paidEvent(order, status.version, payment, correlationId),
  };
}

/** The payment buys nothing and is to be given back; the order stays as it is. */
export function refundDue(
  order: Order,
  payment: Payment,
  reason: RefundReason,
  { now, correlationId }: ChangeContext,
): OrderChange {
  return {
    from: order,
    payment: { ...payment, at: now, refund: reason },
    event: refundEvent(order, payment, reason, correlationId),
  };
}

function released(
  order: Order,
  to: 'cancelled' | 'expired',
  cause: ChangeCause,
  { now, correlationId }: ChangeContext,
): OrderChange {
  const status = nextStatus(order, to, cause, now);
  return { from: order, status, event: cancelledEvent(order, to, status.version, correlationId) };
}

function nextStatus(order: Order, to: OrderStatus, cause: ChangeCause, now: Date): StatusChange {
  if (!nextStatuses[order.status].includes(to)) {
    throw new Error(`order ${order.id} is ${order.status} and cannot become ${to}`);
  }
  return { status: to, version: order.version + 1, at: now, cause };
}
