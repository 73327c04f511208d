import type { ChangeContext } from './change-context.ts';
import { holdExtended } from './hold-extended-event.ts';
import {
  type ChangeCause,
  type HoldExtension,
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

/** The transitions of an order. Each returns what is to be written. */

export interface NewOrder {
  id: string;
  userId: string;
  ticket: { id: string; title: string; price: number; version: number };
  /** How long the order holds its ticket, in milliseconds. */
  holdMs: number;
}

/** Makes a pending order, which holds its ticket from now on, and its event `order:created`. */
export function place(newOrder: NewOrder, context: ChangeContext): { order: Order; event: OrderEvent } {
  const { now } = context;
  const { id: ticketId, ...ticket } = newOrder.ticket;
  const order: Order = {
    id: newOrder.id,
    userId: newOrder.userId,
    status: 'pending',
    version: 0,
    createdAt: now,
    expiresAt: new Date(now.getTime() + newOrder.holdMs),
    ticketId,
    ticket,
    payments: [],
    history: [{ status: 'pending', version: 0, at: now, cause: 'buyer' }],
    extensions: [],
  };
  return { order, event: orderCreated(order, context) };
}

/** The buyer cancels, and lets the ticket go. */
export function cancel(order: Order, context: ChangeContext): OrderChange {
  return releaseTicket(order, 'cancelled', 'buyer', context);
}

/** The hold ends at `until`, and no longer when it would have. The status stays. */
export function extendHold(order: Order, until: Date, context: ChangeContext): OrderChange {
  const { expiresAt, extensions } = order;
  const extension: HoldExtension = { n: extensions.length + 1, at: context.now, from: expiresAt, to: until };
  return {
    expected: { ...expectedOf(order), expiresAt },
    set: { expiresAt: until },
    push: { extensions: extension },
    event: holdExtended(order, extension, context),
  };
}

/** The hold time is over, unless the hold was extended since the order was read. The cause is `takeover` when another buyer gets the ticket, otherwise `expiry`. */
export function expire(order: Order, cause: 'expiry' | 'takeover', context: ChangeContext): OrderChange {
  const change = releaseTicket(order, 'expired', cause, context);
  return { ...change, expected: { ...change.expected, expiresAt: order.expiresAt } };
}

/** The payment pays for the ticket. An expired order holds its ticket again in the same write. */
export function pay(order: Order, payment: Payment, context: ChangeContext): OrderChange {
  const change = statusChange(order, 'paid', 'payment', context);
  return {
    expected: { ...expectedOf(order), withoutPayment: payment.id },
    set: { status: 'paid', holdsTicket: true },
    // Only an expired order can have the second one (kept-hold.ts).
    unset: order.status === 'expired' ? ['pendingSlot', 'keptUntil'] : ['pendingSlot'],
    push: { payments: { ...payment, at: context.now }, history: change },
    event: orderPaid(order, { version: change.version, payment }, context),
  };
}

/** The payment does not pay for the ticket and must be refunded. The status stays. */
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

function releaseTicket(
  order: Order,
  status: 'cancelled' | 'expired',
  cause: ChangeCause,
  context: ChangeContext,
): OrderChange {
  const change = statusChange(order, status, cause, context);
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

function statusChange(
  order: Order,
  to: OrderStatus,
  cause: ChangeCause,
  { now }: ChangeContext,
): StatusChange {
  if (!nextStatuses[order.status].includes(to)) {
    throw new Error(`order ${order.id} is ${order.status} and cannot become ${to}`);
  }
  return { status: to, version: order.version + 1, at: now, cause };
}
