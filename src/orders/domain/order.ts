/** What an order is and how it may change. Pure: no clock, no database, no broker. */

export const orderStatuses = ['pending', 'paid', 'cancelled', 'expired'] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/**
 * Why a status changed: the buyer, a payment, the end of the hold, another buyer's purchase after that end, a payment that was
 * given back, or an operator.
 */
export const changeCauses = ['buyer', 'payment', 'expiry', 'takeover', 'refund', 'operator'] as const;
export type ChangeCause = (typeof changeCauses)[number];

/** Why a payment must be given back, in the order in which the reasons are looked for. */
export const refundReasons = [
  'order_cancelled',
  'already_paid',
  'operator',
  'order_expired',
  'ticket_taken',
] as const;
export type RefundReason = (typeof refundReasons)[number];

/** Why a payment does not buy; `refunded`: the payments service has given it back although nobody had asked for that. */
export const storedRefundReasons = [...refundReasons, 'refunded'] as const;
type StoredRefundReason = (typeof storedRefundReasons)[number];

/** The ticket as it was when the order was placed; `price` in the currency's major unit. */
export interface TicketSnapshot {
  title: string;
  price: number;
  version: number;
}

/** What becomes of a payment for an expired order: it holds the ticket again if it can, or is always given back. */
export const latePaymentPolicies = ['hold_again', 'refund'] as const;
export type LatePaymentPolicy = (typeof latePaymentPolicies)[number];

export interface Payment {
  id: string;
  /** Absent where the payments service has named none. */
  stripeChargeId?: string;
}

/** A payment that was settled: it paid for the ticket, or it was or must be given back (`refund`). Each field is written once. */
export interface SettledPayment extends Payment {
  at: Date;
  refund?: StoredRefundReason;
  /** Since when it must be given back. Absent for `refunded`, and for what 0.1 asked for: of that nothing more is known. */
  refundDueAt?: Date;
  /** When the payments service, or an operator, told that it was given back. */
  refundCompletedAt?: Date;
  /** What the operator wrote who gave it back by hand. */
  refundNote?: string;
}

export interface StatusChange {
  status: OrderStatus;
  version: number;
  at: Date;
  cause: ChangeCause;
  /** Of a change to `paid`: the payment that bought. 0.1 stores none. */
  paymentId?: string;
  /** Of a change by an operator: the reason as they wrote it. */
  reason?: string;
}

/** One extension of a hold. It is no change of status, so it has a number of its own and no version. */
export interface HoldExtension {
  /** Starts at 1. */
  n: number;
  at: Date;
  /** When the hold would have ended. */
  from: Date;
  /** When it ends since then. */
  to: Date;
}

export interface Order {
  id: string;
  userId: string;
  status: OrderStatus;
  /** Starts at 0 and grows by exactly 1 with every change of status. */
  version: number;
  createdAt: Date;
  /** `createdAt` and the hold, which is the setting `ORDER_HOLD_SECONDS`; later once the hold was extended. */
  expiresAt: Date;
  ticketId: string;
  ticket: TicketSnapshot;
  payments: SettledPayment[];
  history: StatusChange[];
  /** Oldest first: each begins where the one before ends, and the last ends at `expiresAt`. */
  extensions: HoldExtension[];
}

/** An order as lists show it: without what has become of it. */
export type ListedOrder = Omit<Order, 'payments' | 'history' | 'extensions'>;

/**
 * The statuses that may follow each status. `cancelled` is final; an expired order can still be paid late, if it can hold its
 * ticket again in the same write. Out of `paid` leads only a refund, or an operator: no buyer can cancel such an order.
 */
export const nextStatuses: Record<OrderStatus, readonly OrderStatus[]> = {
  pending: ['paid', 'cancelled', 'expired'],
  expired: ['paid'],
  paid: ['cancelled'],
  cancelled: [],
};

/** Whether an order of this status holds its ticket, so that no other order can. */
export function holdsTicket(status: OrderStatus): boolean {
  return status === 'pending' || status === 'paid';
}

/** Whether the order still holds its ticket although its hold time is over. */
export function isOverdue(order: Pick<Order, 'status' | 'expiresAt'>, now: Date): boolean {
  return order.status === 'pending' && order.expiresAt <= now;
}

/**
 * How long the order still holds its ticket if it is not paid, in whole seconds, rounded up. 0 when its time is over, and
 * for an order that is paid, cancelled or expired. Never more than the whole hold: the clock of the process that placed
 * the order may be ahead of this one's.
 */
export function holdSecondsLeft(
  { status, createdAt, expiresAt }: Pick<Order, 'status' | 'createdAt' | 'expiresAt'>,
  now: Date,
): number {
  if (status !== 'pending') return 0;
  const from = Math.max(createdAt.getTime(), now.getTime());
  return Math.max(0, Math.ceil((expiresAt.getTime() - from) / 1_000));
}

export type CancelDecision = 'cancel' | 'expire' | 'already_cancelled' | 'refuse_paid' | 'refuse_expired';

/** Decides on a buyer's request to cancel. */
export function decideCancel(order: Order, now: Date): CancelDecision {
  switch (order.status) {
    case 'pending':
      return isOverdue(order, now) ? 'expire' : 'cancel';
    case 'cancelled':
      return 'already_cancelled';
    case 'paid':
      return 'refuse_paid';
    case 'expired':
      return 'refuse_expired';
  }
}
