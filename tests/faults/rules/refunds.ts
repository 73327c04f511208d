import { grouped } from '../history/grouped.ts';
import type { StoredOrder, StoredPayment } from '../history/history.ts';
import { type SeenRefund, seenRefunds } from '../history/payments.ts';
import { buyingPaymentId, isAskedFor } from '../history/stored-orders.ts';
import type { Rule } from './rule.ts';

/**
 * Every refund that the payments service has told of is completed, once, and no other is, and none before it was told. A
 * payment that had bought cancels its order in the same write, and nothing else cancels one in the name of a refund.
 */
export const refundsAreCompleted: Rule = (history) => {
  const told = grouped(seenRefunds(history), ({ orderId, paymentId }) => `${orderId} ${paymentId}`);
  const orders = new Map(history.orders.map((order) => [order.id, order]));
  return [
    ...[...told.values()].flatMap(([refund]) =>
      refund ? unrecorded(refund, orders.get(refund.orderId)) : [],
    ),
    ...history.orders.flatMap((order) => [
      ...order.payments.flatMap((payment) =>
        flawsOf(payment, order, told.get(`${order.id} ${payment.id}`)?.[0]),
      ),
      ...order.payments.flatMap((payment) =>
        history.settings.besideRelease01 ? [] : timeFlaw(payment, order),
      ),
      ...cancelFlaw(order),
    ]),
  ];
};

function unrecorded({ orderId, paymentId }: SeenRefund, order: StoredOrder | undefined): string[] {
  const completed = (order?.payments ?? []).filter(
    ({ id, refundCompletedAt }) => id === paymentId && refundCompletedAt !== undefined,
  );
  return completed.length === 1
    ? []
    : [`the refund of payment ${paymentId} of order ${orderId} is completed ${completed.length} times`];
}

function flawsOf(payment: StoredPayment, order: StoredOrder, told: SeenRefund | undefined): string[] {
  const { id, refund, refundCompletedAt } = payment;
  const named = `order ${order.id}: the refund of payment ${id}`;
  return [
    ...(refundCompletedAt !== undefined && (!told || refundCompletedAt < told.at)
      ? [`${named} was completed before anybody told of it`]
      : []),
    ...(refundCompletedAt !== undefined && refund === undefined ? [`${named} has no reason`] : []),
    ...(refund === 'refunded' && refundCompletedAt === undefined ? [`${named} was told, and is open`] : []),
    ...boughtFlaw(payment, order, named),
  ];
}

/** The time at which a refund was asked for stands with the payment. */
function timeFlaw(payment: StoredPayment, order: StoredOrder): string[] {
  const isKnownDue = payment.refundDueAt !== undefined;
  if (isAskedFor(payment) === isKnownDue) return [];
  return [`order ${order.id}: the refund of payment ${payment.id} ${isKnownDue ? 'was due' : 'has no time'}`];
}

/** A refund of the payment that bought the order has cancelled it. */
function boughtFlaw(payment: StoredPayment, order: StoredOrder, named: string): string[] {
  if (payment.refund === undefined || buyingPaymentId(order) !== payment.id) return [];
  const { cause, at } = order.history.at(-1) ?? {};
  const wanted = payment.refund === 'refunded' ? 'refund' : 'operator';
  const since = payment.refundDueAt ?? payment.refundCompletedAt;
  return cause === wanted && at === since ? [] : [`${named} has not cancelled the order`];
}

function cancelFlaw(order: StoredOrder): string[] {
  const { id, history, payments } = order;
  const bought = payments.find((payment) => payment.id === buyingPaymentId(order));
  const isByRefund = history.some(({ cause }) => cause === 'refund');
  return isByRefund && bought?.refund !== 'refunded' ? [`order ${id} was cancelled by no refund`] : [];
}
