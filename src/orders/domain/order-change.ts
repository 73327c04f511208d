import type { HoldExtension, OrderStatus, SettledPayment, StatusChange } from './order.ts';
import type { OrderEvent } from './order-events.ts';

/**
 * One change of one order: what the stored order must match, what is written, and the events. Made by transitions.ts and
 * refund-transitions.ts. The store writes it in a single update.
 */
export interface OrderChange {
  /** The order as it was when the change was decided. If it differs at the time of the write, nothing is written. */
  expected: {
    id: string;
    status: OrderStatus;
    version: number;
    /** The end of the hold, of changes that depend on it: what ends a hold by time does not end one that was extended. */
    expiresAt?: Date;
    /** A payment that must not be settled yet: one that is delivered twice at the same time is then written once. */
    withoutPayment?: string;
  };
  set?: { status?: OrderStatus; holdsTicket?: true; expiresAt?: Date };
  /** With a spacing the store keeps `holdsTicket` (kept-hold.ts). */
  unset?: readonly ('holdsTicket' | 'pendingSlot' | 'keptUntil')[];
  /** What is added to the lists of the order. A history entry increases the version by one. */
  push: { payments?: SettledPayment; history?: StatusChange; extensions?: HoldExtension };
  payment?: PaymentUpdate;
  /**
   * Names the payment in the entry of the history that 0.1 has written without it. `length` is that of the history, which
   * grows only with the version.
   */
  namePayment?: { index: number; paymentId: string; length: number };
  /** In the order in which they leave; most changes have one, and a mark that nobody is told of has none. */
  events: readonly OrderEvent[];
}

/** A change that is told: all but marks of payments are. */
export interface ToldChange extends OrderChange {
  events: readonly [OrderEvent, ...OrderEvent[]];
}

/**
 * What becomes known of a payment that is settled already. Each of these fields is written once: if the stored payment has
 * one of them, nothing is written.
 */
export interface PaymentUpdate {
  /** Its place in the list. Payments are only added at the end, so it stays. */
  index: number;
  id: string;
  set: Partial<Omit<SettledPayment, 'id' | 'at'>>;
}
