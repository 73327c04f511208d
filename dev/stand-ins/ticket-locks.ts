import { orderEventSchemas } from '../../src/orders/domain/order-events.ts';
import { parseJson } from './parse-json.ts';

/** An order as of its last event. */
export interface KnownOrder {
  id: string;
  ticketId: string;
  version: number;
  status: 'pending' | 'cancelled' | 'expired' | 'paid';
  /** ISO 8601; known of pending orders only. */
  expiresAt?: string;
}

/** The events that decide which order a ticket is locked for. */
export const lockingSubjects = ['order:created', 'order:cancelled', 'order:paid'] as const;
export type LockingSubject = (typeof lockingSubjects)[number];

/**
 * What a peer must remember to lock tickets correctly, although events come twice and in any order: of every order, the
 * event with the highest version. The ticket is locked for the order that is paid, else for the pending one. So
 * - a cancelled order stays cancelled when its `order:created` comes afterwards,
 * - an order releases only the ticket that is locked for itself: after a takeover the next order has it already,
 * - a late payment (`order:paid` after `order:cancelled`) locks the ticket again.
 */
export interface TicketLocks {
  /** Keeps the order if its version is newer than the known one, and returns whether it was. */
  record(order: KnownOrder): boolean;
  /** The order that the ticket is locked for. */
  holdingOrder(ticketId: string): KnownOrder | undefined;
}

export function createTicketLocks(): TicketLocks {
  const ordersOfTicket = new Map<string, Map<string, KnownOrder>>();
  return {
    record(order) {
      const orders = ordersOfTicket.get(order.ticketId) ?? new Map<string, KnownOrder>();
      ordersOfTicket.set(order.ticketId, orders);
      const known = orders.get(order.id);
      if (known && known.version >= order.version) return false;
      orders.set(order.id, order);
      return true;
    },
    holdingOrder(ticketId) {
      const orders = [...(ordersOfTicket.get(ticketId)?.values() ?? [])];
      return orders.find(({ status }) => status === 'paid') ?? latestPending(orders);
    },
  };
}

/** Two orders are pending while the event that ends the first is still on its way; the later one is current. */
function latestPending(orders: KnownOrder[]): KnownOrder | undefined {
  return orders
    .filter(({ status }) => status === 'pending')
    .sort((a, b) => String(b.expiresAt).localeCompare(String(a.expiresAt)))[0];
}

/** `undefined` when the message does not match the schema, also after another delivery. */
export function readOrderEvent(subject: LockingSubject, message: Uint8Array): KnownOrder | undefined {
  const read = orderEventSchemas[subject].safeParse(parseJson(message));
  if (!read.success) return undefined;
  const { id, version, status, ticket } = read.data;
  const expiresAt = 'expiresAt' in read.data ? { expiresAt: read.data.expiresAt } : {};
  return { id, ticketId: ticket.id, version, status, ...expiresAt };
}
