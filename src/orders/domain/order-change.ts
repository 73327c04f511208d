import type { OrderStatus, SettledPayment, StatusChange } from './order.ts';
import type { OrderEvent } from './order-events.ts';

/**
 * One change of one order: what must still be so, what is written then, and the event that goes with it. Made by
 * transitions.ts. The store writes it in a single update.
 */
export interface OrderChange {
  /** What the order is when the change is decided. If it is something else by the time of the write, nothing is written. */
  expected: {
    id: string;
    status: OrderStatus;
    version: number;
    /** A payment that the order has not dealt with: one that is delivered twice at once is then written once. */
    withoutPayment?: string;
  };
  set?: { status: OrderStatus; holdsTicket?: true };
  unset?: readonly ('holdsTicket' | 'pendingSlot')[];
  /** What joins the lists of the order. Each entry of the history is one version more. */
  push: { payments?: SettledPayment; history?: StatusChange };
  event: OrderEvent;
}
