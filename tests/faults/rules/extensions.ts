import type { Answer, History, StoredOrder } from '../history/history.ts';
import { dataOf } from '../history/order-events.ts';
import { firstEnd } from '../history/stored-orders.ts';
import type { Rule } from './rule.ts';

/**
 * No hold is extended beyond its limit, or by more than an extension; each extension begins where the one before ends, and
 * before that time was over, and the last one's end is the order's. Every end that a buyer was shown was the order's at some
 * time, and not later than the last one, so that no extension was lost; and each was asked for by a request that was not
 * refused. (That none came after the order had ended is in events.ts, whose times are those of the writes.)
 */
export const extensionsAreKept: Rule = (history) => {
  const orders = new Map(history.orders.map((order) => [order.id, order]));
  return [
    ...history.orders.flatMap((order) => flawsOf(order, history)),
    ...history.answers.flatMap((answer) => untrue(answer, orders)),
    ...unexplained(history),
  ];
};

function flawsOf(order: StoredOrder, { settings: { extension: terms } }: History): string[] {
  const { id, createdAt, expiresAt, extensions = [] } = order;
  if (!terms) return extensions.length > 0 ? [`order ${id} was extended although none can be`] : [];
  const last = extensions.at(-1);
  return [
    ...(last && last.to !== expiresAt ? [`order ${id} ends at another time than its last extension`] : []),
    ...extensions.flatMap(({ n, at, from, to }, index) => {
      const named = `order ${id}: extension ${n}`;
      const before = extensions[index - 1];
      const wanted = Math.min(at + terms.extensionMs, createdAt + terms.holdLimitMs);
      return [
        ...(n === index + 1 ? [] : [`${named} is the ${index + 1}th`]),
        ...(before && before.to !== from ? [`${named} does not begin where the one before ends`] : []),
        ...(at < from ? [] : [`${named} has revived a hold that was over`]),
        ...(to > createdAt + terms.holdLimitMs ? [`${named} goes beyond the limit`] : []),
        ...(to === wanted && to > from
          ? []
          : [`${named} adds ${to - from} ms, ${wanted - from} were wanted`]),
      ];
    }),
  ];
}

function untrue({ kind, shown, requestId }: Answer, orders: Map<string, StoredOrder>): string[] {
  const order = shown && orders.get(shown.id);
  if (!order) return [];
  const ends = [firstEnd(order), ...(order.extensions ?? []).map(({ to }) => to)];
  return ends.includes(shown.expiresAt)
    ? []
    : [`${kind} ${requestId} was shown an end of order ${order.id} that it never had, or has lost`];
}

/** `order:hold-extended` names the request that asked for it. */
function unexplained(history: History): string[] {
  const answers = new Map(history.answers.map((answer) => [answer.requestId, answer]));
  const extended = dataOf<{ id: string; correlationId?: string }>(history, 'order:hold-extended');
  return extended.flatMap(({ data: { id, correlationId } }) => {
    const answer = answers.get(correlationId ?? '');
    if (answer?.kind !== 'extend' || answer.orderId !== id)
      return [`order ${id} was extended by a request that nobody sent: ${correlationId}`];
    const refused = typeof answer.status === 'number' && answer.status >= 400 && answer.status < 500;
    return refused
      ? [`request ${answer.requestId} was refused with ${answer.status}, but extended ${id}`]
      : [];
  });
}
