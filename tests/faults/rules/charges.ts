import type { History, StoredOrder, StoredPayment } from '../history/history.ts';
import { firstSights, orderEvents } from '../history/order-events.ts';
import { outsideName } from '../history/peer-settings.ts';
import { buyingPaymentId } from '../history/stored-orders.ts';
import type { Rule } from './rule.ts';

/**
 * A payment that was first handled while its order was pending has bought the ticket: the order is paid at the end, unless
 * this payment was given back since, and the peers have heard so in their own word. It need not buy what an operator had
 * taken from sale, and one that was told to be given back before it came buys nothing.
 */
export const timelyPaymentsBuy: Rule = (history) => {
  const seen = firstSights(orderEvents(history));
  return history.orders.flatMap((order) => {
    const paidAt = order.history.find(({ status }) => status === 'paid')?.version;
    const told = seen.get(`${order.id}:${paidAt}`)?.data;
    return order.payments
      .filter((payment) => statusBefore(order, payment) === 'pending')
      .filter((payment) => !needNotBuy(payment, order, history))
      .flatMap(({ id, refund }) => {
        const flaw = `payment ${id} came while order ${order.id} was pending`;
        if (refund && buyingPaymentId(order) !== id) return [`${flaw}, and is given back for ${refund}`];
        if (!refund && order.status !== 'paid') return [`${flaw}, which is ${order.status} now`];
        return told?.['paymentId'] === id && told['status'] === outsideName(history, 'paid')
          ? []
          : [`${flaw}, and no peer has heard that it is ${outsideName(history, 'paid')}`];
      });
  });
};

/** It was told to be given back before it came, or the ticket was not for sale any more. */
function needNotBuy({ id, refund, at }: StoredPayment, order: StoredOrder, { tickets }: History): boolean {
  if (buyingPaymentId(order) === id) return false;
  const withdrawnAt = tickets.find((ticket) => ticket.id === order.ticketId)?.withdrawnAt;
  return refund === 'refunded' || (refund === 'operator' && withdrawnAt !== undefined && withdrawnAt <= at);
}

/** The order's status when the payment was settled, which the payment itself may have changed. */
function statusBefore(order: StoredOrder, { at, id }: StoredPayment) {
  const bought = buyingPaymentId(order) === id;
  const own = order.history.find((change) => bought && change.status === 'paid' && change.at === at);
  return order.history.findLast((change) => change !== own && change.at <= at)?.status;
}
