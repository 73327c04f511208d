import { isDeepStrictEqual } from 'node:util';
import type { History, StoredOrder } from '../history/history.ts';
import { firstSights, orderEvents, type SeenEvent } from '../history/order-events.ts';
import { outsideName } from '../history/peer-settings.ts';
import { buyingPaymentId, firstEnd, isAskedFor } from '../history/stored-orders.ts';
import type { Rule } from './rule.ts';

/**
 * Every change's event arrived at least once and says what is stored, by the outside name of the status; there is no other event; the events of an order
 * came in version order, duplicates aside; and an event that came twice had the same contents.
 */
export const everyChangeHasItsEvent: Rule = (history) => {
  const events = orderEvents(history);
  const first = firstSights(events);
  const wanted = new Map(history.orders.flatMap((order) => wantedEvents(history, order)));
  return [
    ...[...wanted].flatMap(([eventId, expected]) => missingOrWrong(eventId, expected, first.get(eventId))),
    ...[...first.keys()]
      .filter((id) => !wanted.has(id))
      .map((id) => `event ${id} belongs to no stored change`),
    ...history.orders.flatMap((order) => outOfOrder(order, first)),
    ...changed(events, first),
  ];
};

interface Expected {
  subject: string;
  data: Record<string, unknown>;
}

function wantedEvents(round: History, order: StoredOrder): [string, Expected][] {
  const { id, userId, ticketId, ticket } = order;
  const priced = { id: ticketId, price: ticket.price };
  const changes = order.history.map(({ status, version }): [string, Expected] => {
    const common = { id, version, status: outsideName(round, status), userId };
    const expiresAt = new Date(firstEnd(order)).toISOString();
    if (status === 'pending')
      return [
        `${id}:${version}`,
        { subject: 'order:created', data: { ...common, expiresAt, ticket: priced } },
      ];
    const paymentId = buyingPaymentId(order);
    return status === 'paid'
      ? [`${id}:${version}`, { subject: 'order:paid', data: { ...common, paymentId, ticket: priced } }]
      : [`${id}:${version}`, { subject: 'order:cancelled', data: { ...common, ticket: { id: ticketId } } }];
  });
  const extensions = (order.extensions ?? []).map(({ n, to }): [string, Expected] => {
    const data = { id, userId, expiresAt: new Date(to).toISOString(), ticket: { id: ticketId } };
    return [`${id}:extension:${n}`, { subject: 'order:hold-extended', data }];
  });
  const refunds = order.payments
    .filter(isAskedFor)
    .map(({ id: paymentId, stripeChargeId, refund }): [string, Expected] => {
      const due = {
        id,
        orderId: id,
        userId,
        paymentId,
        ...(stripeChargeId !== undefined && { stripeChargeId }),
        amount: ticket.price,
        reason: refund,
      };
      return [`${id}:refund:${paymentId}`, { subject: 'order:refund-required', data: due }];
    });
  return [...changes, ...extensions, ...refunds];
}

function missingOrWrong(eventId: string, expected: Expected, event: SeenEvent | undefined): string[] {
  if (!event) return [`event ${eventId} (${expected.subject}) never came`];
  const { eventId: _, correlationId: __, ...data } = event.data;
  return event.subject === expected.subject && isDeepStrictEqual(data, expected.data)
    ? []
    : [
        `event ${eventId} says ${event.subject} ${JSON.stringify(data)}, stored is ${JSON.stringify(expected.data)}`,
      ];
}

/** Extensions come between the first version and the second, and what a release gives back after its cancellation. */
function outOfOrder(order: StoredOrder, first: Map<string, SeenEvent>): string[] {
  const { id, history, extensions = [] } = order;
  const [placed = [], ...later] = history.map(({ version, status, cause }) => [
    `${version}`,
    ...(status === 'cancelled' && cause === 'operator' ? [`refund:${buyingPaymentId(order)}`] : []),
  ]);
  const names = [...placed, ...extensions.map(({ n }) => `extension:${n}`), ...later.flat()];
  const events = names.flatMap((name) => first.get(`${id}:${name}`) ?? []);
  return events.flatMap((event, index) => {
    const before = events[index - 1];
    return before && before.timestamp > event.timestamp
      ? [`${event.eventId} came before ${before.eventId}`]
      : [];
  });
}

function changed(events: SeenEvent[], first: Map<string, SeenEvent>): string[] {
  return events
    .filter(({ eventId, subject, data }) => {
      const original = first.get(eventId);
      return original?.subject !== subject || !isDeepStrictEqual(original.data, data);
    })
    .map(({ eventId }) => `event ${eventId} came again with other contents`);
}
