import type { Answer, History, ShownOrder, StoredOrder } from '../history/history.ts';
import { dataOf } from '../history/order-events.ts';
import { outsideName } from '../history/peer-settings.ts';
import type { Rule } from './rule.ts';

/**
 * What a buyer was answered is true: every order that was shown exists, a refusal has made no order, and an order that
 * was placed is found again. After a 5xx or a cut connection both are right.
 */
export const answersHold: Rule = (history) => {
  const orders = new Map(history.orders.map((order) => [order.id, order]));
  const nameOf = (status: string) => outsideName(history, status);
  return [
    ...history.answers.flatMap((answer) => untrue(answer, orders, nameOf)),
    ...unexplainedOrders(history),
  ];
};

type NameOf = (status: string) => string;

function untrue(answer: Answer, orders: Map<string, StoredOrder>, nameOf: NameOf): string[] {
  const { kind, status, shown, requestId, orderId } = answer;
  if (status === 500) return [`${kind} ${requestId} was answered 500`];
  if (kind !== 'place' && status === 404) return [`${kind} of ${orderId}, which was placed: 404`];
  if (status !== 200 && status !== 201) return [];
  if (!shown) return [`${kind} ${requestId}: ${status} without an order`];
  const stored = orders.get(shown.id);
  if (!stored) return [`order ${shown.id} was answered with ${status}, but does not exist`];
  if (kind === 'cancel' && stored.status !== 'cancelled') {
    return [`order ${shown.id} was cancelled with ${status}, but is ${stored.status}`];
  }
  return mismatch(answer, shown, stored, nameOf);
}

function mismatch(answer: Answer, shown: ShownOrder, stored: StoredOrder, nameOf: NameOf): string[] {
  if (stored.userId !== answer.userId || stored.ticketId !== shown.ticketId) {
    return [`order ${shown.id} is stored with another buyer or ticket than was answered`];
  }
  if (answer.kind === 'place' && shown.ticketId !== answer.ticketId) {
    return [`${answer.requestId} asked for ticket ${answer.ticketId} and got ${shown.ticketId}`];
  }
  const status = stored.history[shown.version]?.status;
  return status !== undefined && nameOf(status) === shown.status
    ? []
    : [`order ${shown.id} was shown as ${shown.status} at version ${shown.version}, which it never was`];
}

/** `order:created` names the request that placed the order. */
function unexplainedOrders(history: History): string[] {
  const answers = new Map(history.answers.map((answer) => [answer.requestId, answer]));
  const created = dataOf<{ id: string; correlationId?: string }>(history, 'order:created');
  return created.flatMap(({ data: { id, correlationId } }) => {
    const answer = answers.get(correlationId ?? '');
    if (!answer) return [`order ${id} was placed by a request that nobody sent: ${correlationId}`];
    const refused = typeof answer.status === 'number' && answer.status >= 400 && answer.status < 500;
    if (refused)
      return [`request ${answer.requestId} was refused with ${answer.status}, but made order ${id}`];
    return answer.shown && answer.shown.id !== id
      ? [`request ${answer.requestId} made order ${id}, but was answered with ${answer.shown.id}`]
      : [];
  });
}
