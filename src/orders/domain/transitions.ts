import type { ChangeContext } from './change-context.ts';
import {
  type ChangeCause,
  nextStatuses,
  type Order,
  type OrderStatus,
  type Payment,
  type RefundReason,
  type StatusChange,
} from './order.ts';
import { orderCancelled } from './order-cancelled-event.ts';
import type { OrderChange } from './order-change.ts';
import { orderCreated } from './order-created-event.ts';
import type { OrderEvent } from './order-events.ts';
import { orderPaid } from './order-paid-event.ts';
import { refundRequired } from './refund-required-event.ts';

/** Everything that can happen to an order, as the change that it makes. */

export interface NewOrder {
  id: string;
  userId: string;
  ticket: { id: string; title: string; price: number; version: number };
  /** How long the order holds its ticket, in milliseconds. */
  holdMs: number;
}

/** A new order that holds its ticket from now on, and its `order:created`. */
export function place(wanted: NewOrder, context: ChangeContext): { order: Order; event: OrderEvent } {
  const { now } = context;
  const { id: ticketId, ...ticket } = wanted.ticket;
  const order: Order = {
    id: wanted.id,
    userId: wanted.userId,
    status: 'pending',
    version: 0,
    createdAt: now,
    expiresAt: new Date(now.getTime() + wanted.holdMs),
    ticketId,
    ticket,
    payments: [],
    history: [{ status: 'pending', version: 0, at: now, cause: 'buyer' }],
  };
  return { order, event: orderCreated(order, context) };
}

/** The buyer gives the ticket back. */
export function cancel(order: Order, context: ChangeContext): OrderChange {
  return letGo(order, 'cancelled', 'buyer', context);
}

/** The hold is over: `expiry` when time alone ended it, `takeover` when the next buyer did. */
export function expire(order: Order, cause: 'expiry' | 'takeover', context: ChangeContext): OrderChange {
  return letGo(order, 'expired', cause, context);
}

/** The payment buys the ticket. From `expired` this holds the ticket again in the same write. */
export function pay(order: Order, payment: Payment, context: ChangeContext): OrderChange {
  const change = nextStatus(order, 'paid', 'payment', context);
  return {
    expected: { ...expectedOf(order), withoutPayment: payment.id },
    set: { status: 'paid', holdsTicket: true },
    unset: ['pendingSlot'],
    push: { payments: { ...payment, at: context.now }, history: change },
    event: orderPaid(order, { version: change.version, payment }, context),
  };
}

/** The payment buys nothing and is to be given back. The order stays as it is. */
export function requireRefund(
  order: Order,
  payment: Payment,
  reason: RefundReason,
  context: ChangeContext,
): OrderChange {
  return {
    expected: { ...expectedOf(order), withoutPayment: payment.id },
    push: { payments: { ...payment, at: context.now, refund: reason } },
    event: refundRequired(order, { payment, reason }, context),
  };
}

function letGo(
  order: Order,
  status: 'cancelled' | 'expired',
  cause: ChangeCause,
  context: ChangeContext,
): OrderChange {
  const change = nextStatus(order, status, cause, context);
  return {
    expected: expectedOf(order),
    set: { status },
    unset: ['pendingSlot', 'holdsTicket'],
    push: { history: change },
    event: orderCancelled(order, { status, version: change.version }, context),
  };
}

function expectedOf({ id, status, version }: Order): OrderChange['expected'] {
  return { id, status, version };
}

function nextStatus(order: Order, to: OrderStatus, cause: ChangeCause, { now }: ChangeContext): StatusChange {
  if (!nextStatuses[order.status].includes(to)) {
    throw new Error(`order ${order.id} is ${order.status} and cannot become ${to}`);
  }
  return { status: to, version: order.version + 1, at: now, cause };
}
