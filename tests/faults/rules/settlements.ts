import { disturbances, isQuiet } from '../history/disturbances.ts';
import type { History, StoredOrder, StoredPayment } from '../history/history.ts';
import { type SeenPayment, seenPayments } from '../history/payments.ts';
import { buyingPaymentId } from '../history/stored-orders.ts';
import type { Rule } from './rule.ts';

/** In a quiet time no write lands later than this after its change was decided on: an operation takes 4 s at most. */
const landingMs = 5_000;

/**
 * Each payment either pays for its order or is due to be refunded, once, for the reason that the contract names. Whether one
 * was given back that the payments service tells of is another rule's (refunds.ts).
 */
export const paymentsAreSettled: Rule = (history) => {
  const orders = new Map(history.orders.map((order) => [order.id, order]));
  const published = new Map(seenPayments(history).map((payment) => [payment.id, payment]));
  return [
    ...[...published.values()].flatMap((payment) => unsettled(payment, orders.get(payment.orderId))),
    ...history.orders.flatMap((order) => [
      ...order.payments
        .filter(({ id }) => !published.has(id))
        .map(({ id }) => `payment ${id}: no message announced it`),
      ...payingFlaw(order),
      ...order.payments.flatMap((payment) => refundFlaw(payment, order, history)),
    ]),
  ];
};

function unsettled(payment: SeenPayment, order: StoredOrder | undefined): string[] {
  const times = order?.payments.filter(({ id }) => id === payment.id).length ?? 0;
  return times === 1 ? [] : [`payment ${payment.id} of order ${payment.orderId} is settled ${times} times`];
}

function payingFlaw({ id, status, payments }: StoredOrder): string[] {
  const paying = payments.filter(({ refund }) => !refund).length;
  const wanted = status === 'paid' ? 1 : 0;
  return paying === wanted ? [] : [`order ${id} is ${status}, and ${paying} payments pay for it`];
}

function refundFlaw(payment: StoredPayment, order: StoredOrder, history: History): string[] {
  const flaw = `order ${order.id}: payment ${payment.id} is given back for ${payment.refund}`;
  const reached = (status: string) =>
    order.history.find((change) => change.status === status && change.at <= payment.at);
  switch (payment.refund) {
    case undefined:
    case 'refunded':
      return [];
    case 'operator':
      return operatorFlaw(payment, order, history).map((why) => `${flaw}, but ${why}`);
    case 'order_cancelled':
      return reached('cancelled') ? [] : [`${flaw}, but it was not cancelled`];
    case 'already_paid':
      return reached('paid') ? [] : [`${flaw}, but it was not paid`];
    case 'order_expired':
      return reached('expired') ? [] : [`${flaw}, but had not expired`];
    case 'ticket_taken': {
      const expired = reached('expired');
      if (!expired) return [`${flaw}, but had not expired`];
      const from = Math.max(expired.at, lastLandingBefore(payment, history));
      const taken = history.orders.some(
        (other) => other !== order && mayHaveHeld(other, order.ticketId, from, payment.at),
      );
      return taken ? [] : [`${flaw}, but nobody else had it`];
    }
    default:
      return [`${flaw}, a reason that does not exist`];
  }
}

/** An operator has taken the ticket back from the order that this payment had bought, or from sale before the payment came. */
function operatorFlaw(
  { id, at, refundDueAt }: StoredPayment,
  order: StoredOrder,
  { tickets }: History,
): string[] {
  if (buyingPaymentId(order) === id) {
    const release = order.history.at(-1);
    const isReleased = release?.cause === 'operator' && release.at === refundDueAt;
    return isReleased ? [] : ['no operator has released it then'];
  }
  const withdrawnAt =
    tickets.find((ticket) => ticket.id === order.ticketId)?.withdrawnAt ?? Number.POSITIVE_INFINITY;
  return withdrawnAt > at ? ['its ticket was on sale'] : [];
}

/**
 * What another order had let go before this time was free for the payment: a hold that is only kept is no reason for a
 * refund. Unknown in a time that was not quiet.
 */
function lastLandingBefore({ at }: StoredPayment, history: History): number {
  const from = at - landingMs;
  return isQuiet(disturbances(history), from, at) ? from : Number.NEGATIVE_INFINITY;
}

/** Times are read before the write, so this is the longest that the order can have held the ticket. */
function mayHaveHeld(other: StoredOrder, ticketId: string, from: number, to: number): boolean {
  if (other.ticketId !== ticketId || other.createdAt > to) return false;
  const letGo = other.history.at(-1);
  const stillHeld = letGo?.status === 'paid' || letGo?.status === 'pending';
  return stillHeld || (letGo !== undefined && letGo.at >= from);
}
