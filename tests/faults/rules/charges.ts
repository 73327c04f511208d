import type { StoredOrder } from '../history/history.ts';
import { firstSights, orderEvents } from '../history/order-events.ts';
import { outsideName } from '../history/peer-settings.ts';
import type { Rule } from './rule.ts';

/**
 * A payment that was first handled while its order was pending has bought the ticket: the order is paid at the end, and
 * the peers have heard so in their own word.
 */
export const timelyPaymentsBuy: Rule = (history) => {
  const seen = firstSights(orderEvents(history));
  return history.orders.flatMap((order) => {
    const paidAt = order.history.find(({ status }) => status === 'paid')?.version;
    const told = seen.get(`${order.id}:${paidAt}`)?.data;
    return order.payments
      .filter((payment) => statusBefore(order, payment) === 'pending')
      .flatMap(({ id, refund }) => {
        const flaw = `payment ${id} came while order ${order.id} was pending`;
        if (refund) return [`${flaw}, and is given back for ${refund}`];
        if (order.status !== 'paid') return [`${flaw}, which is ${order.status} now`];
        return told?.['paymentId'] === id && told['status'] === outsideName(history, 'paid')
          ? []
          : [`${flaw}, and no peer has heard that it is ${outsideName(history, 'paid')}`];
      });
  });
};

/** The order's status when the payment was settled, which the payment itself may have changed. */
function statusBefore({ history }: StoredOrder, { at, refund }: StoredOrder['payments'][number]) {
  const own = refund ? undefined : history.find((change) => change.status === 'paid' && change.at === at);
  return history.findLast((change) => change !== own && change.at <= at)?.status;
}
