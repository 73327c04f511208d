import { grouped } from '../history/grouped.ts';
import type { History } from '../history/history.ts';
import { firstSights, orderEvents, type SeenEvent } from '../history/order-events.ts';
import { type SeenPayment, seenPayments } from '../history/payments.ts';
import type { Rule } from './rule.ts';

/** What a payment has come to: the orders that it has paid for, and the refunds that peers are asked for. */
interface Outcome {
  tickets: Set<string>;
  refunds: SeenEvent[];
}

/**
 * Every payment that peers have reported is a ticket or a refund, exactly one of them, however many times and in
 * whatever forms it was reported. A refund is of the order that was paid for, and names the charge if one came.
 */
export const moneyIsCounted: Rule = (history) => {
  const reported = grouped(seenPayments(history), ({ id }) => id);
  const outcomes = outcomesOf(history);
  return [
    ...[...reported].flatMap(([id, payments]) => flawsOf(id, payments, outcomes.get(id))),
    ...[...outcomes.keys()]
      .filter((id) => !reported.has(id))
      .map((id) => `payment ${id} has bought or is given back, but nobody has reported it`),
  ];
};

function outcomesOf(history: History): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  const of = (payment: unknown): Outcome => {
    const id = String(payment);
    const outcome = outcomes.get(id) ?? { tickets: new Set(), refunds: [] };
    outcomes.set(id, outcome);
    return outcome;
  };
  for (const { id, status, payments } of history.orders) {
    if (status !== 'paid') continue;
    for (const payment of payments) if (!payment.refund) of(payment.id).tickets.add(id);
  }
  for (const event of firstSights(orderEvents(history)).values()) {
    const { id, paymentId } = event.data;
    if (event.subject === 'order:paid') of(paymentId).tickets.add(String(id));
    if (event.subject === 'order:refund-required') of(paymentId).refunds.push(event);
  }
  return outcomes;
}

function flawsOf(id: string, payments: SeenPayment[], outcome: Outcome | undefined): string[] {
  const { tickets = new Set<string>(), refunds = [] } = outcome ?? {};
  const orderIds = new Set(payments.map(({ orderId }) => orderId));
  const charges = new Set(payments.flatMap(({ chargeId }) => chargeId ?? []));
  const named = `payment ${id} for order ${[...orderIds].join(', ')}`;
  return [
    ...(tickets.size + refunds.length === 1
      ? []
      : [`${named} has become ${tickets.size} tickets and ${refunds.length} refunds`]),
    ...[...tickets, ...refunds.map(({ data }) => String(data['orderId']))]
      .filter((orderId) => !orderIds.has(orderId))
      .map((orderId) => `${named} is settled with order ${orderId}`),
    ...refunds.flatMap((refund) => chargeFlaw(named, charges, refund)),
  ];
}

function chargeFlaw(named: string, charges: Set<string>, { data }: SeenEvent): string[] {
  const charge = data['stripeChargeId'];
  const isRight = charges.size === 0 ? !('stripeChargeId' in data) : charges.has(String(charge));
  const wanted = charges.size === 0 ? 'none' : [...charges].join(', ');
  return isRight ? [] : [`${named} is given back with charge ${JSON.stringify(charge)}, not ${wanted}`];
}
