import type { ChangeContext } from './change-context.ts';
import { holdExtended } from './hold-extended-event.ts';
import type { HoldExtension, Order, Payment, RefundReason } from './order.ts';
import type { ToldChange } from './order-change.ts';
import { orderCreated } from './order-created-event.ts';
import type { OrderEvent } from './order-events.ts';
import { orderPaid } from './order-paid-event.ts';
import { refundRequired } from './refund-required-event.ts';
import { expectedOf, releaseTicket, statusChange } from './status-change.ts';

/** The transitions of an order; those of refunds are in refund-transitions.ts. Each returns what is to be written. */

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

/** The buyer cancels, and lets the ticket go. @throws when the order is paid */
export function cancel(order: Order, context: ChangeContext): ToldChange {
  if (order.status === 'paid') throw new Error(`order ${order.id} is paid and cannot become cancelled`);
  return releaseTicket(order, { status: 'cancelled', cause: 'buyer' }, context);
}

/** The hold ends at `until`, and no longer when it would have. The status stays. */
export function extendHold(order: Order, until: Date, context: ChangeContext): ToldChange {
  const { expiresAt, extensions } = order;
  const extension: HoldExtension = { n: extensions.length + 1, at: context.now, from: expiresAt, to: until };
  return {
    expected: { ...expectedOf(order), expiresAt },
    set: { expiresAt: until },
    push: { extensions: extension },
    events: [holdExtended(order, extension, context)],
  };
}

/** The hold time is over, unless the hold was extended since the order was read. The cause is `takeover` when another buyer gets the ticket, otherwise `expiry`. */
export function expire(order: Order, cause: 'expiry' | 'takeover', context: ChangeContext): ToldChange {
  const change = releaseTicket(order, { status: 'expired', cause }, context);
  return { ...change, expected: { ...change.expected, expiresAt: order.expiresAt } };
}

/** The payment pays for the ticket. An expired order holds its ticket again in the same write. */
export function pay(order: Order, payment: Payment, context: ChangeContext): ToldChange {
  const change = statusChange(order, 'paid', { cause: 'payment', paymentId: payment.id }, context);
  return {
    expected: { ...expectedOf(order), withoutPayment: payment.id },
    set: { status: 'paid', holdsTicket: true },
    // Only an expired order can have the second one (kept-hold.ts).
    unset: order.status === 'expired' ? ['pendingSlot', 'keptUntil'] : ['pendingSlot'],
    push: { payments: { ...payment, at: context.now }, history: change },
    events: [orderPaid(order, { version: change.version, payment }, context)],
  };
}

/** The payment does not pay for the ticket and must be refunded. The status stays. */
export function requireRefund(
  order: Order,
  payment: Payment,
  reason: RefundReason,
  context: ChangeContext,
): ToldChange {
  return {
    expected: { ...expectedOf(order), withoutPayment: payment.id },
    push: { payments: { ...payment, at: context.now, refund: reason, refundDueAt: context.now } },
    events: [refundRequired(order, { payment, reason }, context)],
  };
}
