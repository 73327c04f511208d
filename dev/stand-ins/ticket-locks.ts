import { orderEventSchemas } from '../../src/orders/domain/order-events.ts';
import { readJson } from './read-json.ts';

/** What the last event of an order has told. */
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
 * What a peer must remember to lock tickets right, though events come twice and in any order: of every order, the
 * event with the highest version. The ticket is locked for the order that is paid, else for the pending one. So
 * - a cancelled order stays cancelled when its `order:created` comes afterwards,
 * - an order releases only the ticket that is locked for itself: after a takeover the next order has it already,
 * - a late payment (`order:paid` after `order:cancelled`) locks the ticket again.
 */
export interface TicketLocks {
  /** Keeps what is news, and tells whether it was. */
  learn(order: KnownOrder): boolean;
  /** The order that the ticket is locked for. */
  holderOf(ticketId: string): KnownOrder | undefined;
}

export function createTicketLocks(): TicketLocks {
  const ordersOfTicket = new Map<string, Map<string, KnownOrder>>();
  return {
    learn(order) {
      const orders = ordersOfTicket.get(order.ticketId) ?? new Map<string, KnownOrder>();
      ordersOfTicket.set(order.ticketId, orders);
      const known = orders.get(order.id);
      if (known && known.version >= order.version) return false;
      orders.set(order.id, order);
      return true;
    },
    holderOf(ticketId) {
      const orders = [...(ordersOfTicket.get(ticketId)?.values() ?? [])];
      return orders.find(({ status }) => status === 'paid') ?? latestPending(orders);
    },
  };
}

/** Two look pending while the end of the first is still on its way; the second came after the first's time. */
function latestPending(orders: KnownOrder[]): KnownOrder | undefined {
  return orders
    .filter(({ status }) => status === 'pending')
    .sort((a, b) => String(b.expiresAt).localeCompare(String(a.expiresAt)))[0];
}

/** `undefined` when the message is not what the contract says: another one will not make it so. */
export function readOrderEvent(subject: LockingSubject, message: Uint8Array): KnownOrder | undefined {
  const read = orderEventSchemas[subject].safeParse(readJson(message));
  if (!read.success) return undefined;
  const { id, version, status, ticket } = read.data;
  const expiresAt = 'expiresAt' in read.data ? { expiresAt: read.data.expiresAt } : {};
  return { id, ticketId: ticket.id, version, status, ...expiresAt };
}
