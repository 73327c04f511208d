import type { Order } from './order.ts';

/** An order as clients see it. Times are ISO 8601 in UTC, the price is in the currency's major unit. */
export function orderView(order: Order) {
  const { id, userId, status, version, ticketId, ticket } = order;
  return {
    id,
    userId,
    status,
    expiresAt: order.expiresAt.toISOString(),
    createdAt: order.createdAt.toISOString(),
    version,
    ticketId,
    ticket: { id: ticketId, title: ticket.title, price: ticket.price, version: ticket.version },
  };
}

/** One order, with how it came to be what it is. */
export function orderDetailView(order: Order) {
  const history = order.history.map(({ status, version, at, cause }) => ({
    status,
    version,
    at: at.toISOString(),
    cause,
  }));
  return { ...orderView(order), history };
}
