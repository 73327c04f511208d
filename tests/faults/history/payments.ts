import type { History } from './history.ts';
import { dataOf } from './order-events.ts';

/** A payment as one `payment:created` reports it, by the ids that the service has to store. */
export interface SeenPayment {
  id: string;
  orderId: string;
  /** Absent where the message names none. */
  chargeId?: string;
}

/** An id in one of the forms in which peers send it. */
type SentId = string | number | { $oid: string };

interface PaymentMessage {
  id: SentId;
  orderId: SentId;
  stripeChargeId?: SentId | null;
  stripeId?: SentId | null;
  chargeId?: SentId | null;
}

/**
 * The payments that peers have reported, one for each message; those of malformed messages and of unknown orders are
 * left out. The forms are read here once more, apart from the service's own reading, which is under test.
 */
export function seenPayments(history: Pick<History, 'messages' | 'poison'>): SeenPayment[] {
  return dataOf<PaymentMessage>(history, 'payment:created').map(({ data }) => {
    const charge = data.stripeChargeId ?? data.stripeId ?? data.chargeId;
    return {
      ...{ id: textOf(data.id), orderId: textOf(data.orderId) },
      ...(charge !== undefined && charge !== null && { chargeId: textOf(charge) }),
    };
  });
}

/** News of the payments service that all of a payment was given back. */
export interface SeenRefund {
  at: number;
  orderId: string;
  paymentId: string;
}

/** What peers have told of refunds, one for each message, the earliest first; those of unknown orders are left out. */
export function seenRefunds(history: Pick<History, 'messages' | 'poison'>): SeenRefund[] {
  return dataOf<{ orderId: SentId; paymentId: SentId }>(history, 'payment:refunded')
    .map(({ at, data }) => ({ at, orderId: textOf(data.orderId), paymentId: textOf(data.paymentId) }))
    .sort((one, other) => one.at - other.at);
}

function textOf(id: SentId): string {
  return typeof id === 'object' ? id.$oid : String(id);
}
