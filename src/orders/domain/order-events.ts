import type { Order, Payment, RefundReason } from './order.ts';
import type { OrderEvent } from './order-event-schemas.ts';

/**
 * The events that tell of an order, as order-event-schemas.ts describes them. Their ids are derived from what happened, so
 * an event that is sent twice, or made again from the history, has the same id.
 */

export function createdEvent(order: Order, correlationId?: string): OrderEvent {
  const eventId = changeId(order.id, 0);
  return {
    eventId,
    subject: 'order:created',
    data: {
      ...identified(eventId, correlationId),
      id: order.id,
      version: 0,
      status: 'pending',
      userId: order.userId,
      expiresAt: order.expiresAt.toISOString(),
      ticket: { id: order.ticketId, price: order.ticket.price },
    },
  };
}

export function cancelledEvent(
  order: Order,
  status: 'cancelled' | 'expired',
  version: number,
  correlationId?: string,
): OrderEvent {
  const eventId = changeId(order.id, version);
  return {
    eventId,
    subject: 'order:cancelled',
    data: {
      ...identified(eventId, correlationId),
      id: order.id,
      version,
      status,
      userId: order.userId,
      ticket: { id: order.ticketId },
    },
  };
}

export function paidEvent(
  order: Order,
  version: number,
  payment: Payment,
  correlationId?: string,
): OrderEvent {
  const eventId = changeId(order.id, version);
  return {
    eventId,
    subject: 'order:paid',
    data: {
      ...identified(eventId, correlationId),
      id: order.id,
      version,
      status: 'paid',
      userId: order.userId,
      paymentId: payment.id,
      ticket: { id: order.ticketId, price: order.ticket.price },
    },
  };
}

export function refundEvent(
  order: Order,
  payment: Payment,
  reason: RefundReason,
  correlationId?: string,
): OrderEvent {
  const eventId = `${order.id}:refund:${payment.id}`;
  return {
    eventId,
    subject: 'order:refund-required',
    data: {
      ...identified(eventId, correlationId),
      id: order.id,
      orderId: order.id,
      paymentId: payment.id,
      stripeChargeId: payment.stripeChargeId,
      userId: order.userId,
      // Payments carry no amount; what the buyer was asked for is the price that the order was placed at.
      amount: order.ticket.price,
      reason,
    },
  };
}

function identified(eventId: string, correlationId: string | undefined) {
  return { eventId, ...(correlationId && { correlationId }) };
}

function changeId(orderId: string, version: number): string {
  return `${orderId}:${version}`;
}
