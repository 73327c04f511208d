import type { Ticket } from '../../tickets/domain/ticket.ts';
import type { KeptHold } from './kept-hold.ts';
import type { Order } from './order.ts';

/** What a buyer asks for. The fingerprint (store/idempotency.ts) has each field that makes it a different purchase. */
export interface PurchaseRequest {
  userId: string;
  ticketId: string;
  idempotencyKey?: string | undefined;
}

/** An order that awaits payment, with its slot under the limit of its user. */
export type PendingOrder = Order & { pendingSlot?: number };

/** An order, with the fingerprint of its purchase if that had a key. */
export type FingerprintedOrder = Order & { fingerprint?: string };

/** An order of the caller's for the ticket; `isHolding` as it is stored, so false for a kept hold. */
export type EarlierOrder = Order & { isHolding: boolean };

/** What keeps others from holding a ticket: one of these at most. */
export interface TicketHold {
  /** The pending or paid order that holds it. */
  holdingOrder?: Order;
  /** The hold of an order that has let it go. */
  keptHold?: KeptHold;
}

/** The stored data that a purchase is decided by. */
export interface PurchaseContext extends TicketHold {
  /** Absent when there is no such ticket. */
  ticket?: Ticket;
  /** The order with the id of this purchase, if an earlier request or attempt has written it. */
  ownOrder?: FingerprintedOrder;
  /** The pending orders of this user, oldest first, at most `maxPending` of the query. */
  pending: PendingOrder[];
  /** The newest orders of this user for the ticket, in any status; absent unless the query asks for them, or left out. */
  earlierOrders?: EarlierOrder[];
}
