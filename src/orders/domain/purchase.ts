import type { Ticket } from '../../tickets/domain/ticket.ts';
import type { Order } from './order.ts';

/** What a buyer asks for. Each field that makes it another purchase is in the fingerprint (store/idempotency.ts). */
export interface PurchaseRequest {
  userId: string;
  ticketId: string;
  idempotencyKey?: string | undefined;
}

/** An order that awaits payment, with its slot under the limit of its user. */
export type PendingOrder = Order & { pendingSlot?: number };

/** An order, and what it was placed for if that was with a key. */
export type FingerprintedOrder = Order & { fingerprint?: string };

/** What a purchase needs to know before it writes. */
export interface PurchaseContext {
  /** Absent when there is no such ticket. */
  ticket?: Ticket;
  /** The order that holds the ticket, if one does. */
  holdingOrder?: Order;
  /** The order with the id of this purchase, if a request or an attempt before has written it. */
  ownOrder?: FingerprintedOrder;
  /** The orders of this user that await payment, oldest first, up to the number asked for. */
  pending: PendingOrder[];
}
