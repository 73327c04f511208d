/** What an order is and how it may change. Pure: no clock, no database, no broker. */

export const orderStatuses = ['pending', 'paid', 'cancelled', 'expired'] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** Why a status changed: the buyer asked, a payment came, the time was up, or another buyer came after it was. */
export const changeCauses = ['buyer', 'payment', 'expiry', 'takeover'] as const;
export type ChangeCause = (typeof changeCauses)[number];

export const refundReasons = ['ticket_taken', 'order_cancelled', 'already_paid'] as const;
export type RefundReason = (typeof refundReasons)[number];

/** The ticket as it was when the order was placed; `price` in the currency's major unit. */
export interface TicketSnapshot {
  title: string;
  price: number;
  version: number;
}

export interface Payment {
  id: string;
  stripeChargeId: string;
}

/** A payment that the order has dealt with: it paid for the ticket, or is to be given back. */
export interface SettledPayment extends Payment {
  at: Date;
  refund?: RefundReason;
}

export interface StatusChange {
  status: OrderStatus;
  version: number;
  at: Date;
  cause: ChangeCause;
}

export interface Order {
  id: string;
  userId: string;
  status: OrderStatus;
  /** Starts at 0 and grows by exactly 1 with every change of status. */
  version: number;
  createdAt: Date;
  /** `createdAt` and the hold, which is the setting `ORDER_HOLD_SECONDS`. */
  expiresAt: Date;
  ticketId: string;
  ticket: TicketSnapshot;
  payments: SettledPayment[];
  history: StatusChange[];
}

/** An order without its past, as lists show it. */
export type ListedOrder = Omit<Order, 'payments' | 'history'>;

/**
 * The statuses that may follow each status. `paid` and `cancelled` are final; an expired order can still be
 * paid late, if it can hold its ticket again in the same write.
 */
export const nextStatuses: Record<OrderStatus, readonly OrderStatus[]> = {
  pending: ['paid', 'cancelled', 'expired'],
  expired: ['paid'],
  paid: [],
  cancelled: [],
};

/** Whether an order of this status keeps its ticket from everybody else. */
export function holdsTicket(status: OrderStatus): boolean {
  return status === 'pending' || status === 'paid';
}

/** Whether the order still holds its ticket although its time is over. */
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

/** What a buyer's wish to cancel means for the order at this moment. */
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

export type PaymentDecision = 'pay' | 'hold_again_and_pay' | 'known' | { refund: RefundReason };

/** What a payment means for the order. An order pays even past its time, as long as it still holds the ticket. */
export function decidePayment(order: Order, payment: Payment): PaymentDecision {
  if (order.payments.some((known) => known.id === payment.id)) return 'known';
  switch (order.status) {
    case 'pending':
      return 'pay';
    case 'expired':
      return 'hold_again_and_pay';
    case 'cancelled':
      return { refund: 'order_cancelled' };
    case 'paid':
      return { refund: 'already_paid' };
  }
}
