import { grouped } from '../history/grouped.ts';
import type { History } from '../history/history.ts';
import { firstSights, orderEvents, type SeenEvent } from '../history/order-events.ts';
import { type SeenPayment, seenPayments, seenRefunds } from '../history/payments.ts';
import type { Rule } from './rule.ts';

/** What a payment has come to. */
interface Outcome {
  /** The orders that it has bought at some time. */
  bought: Set<string>;
  /** Those that are paid by it at the end. */
  tickets: Set<string>;
  /** The refunds that peers are asked for. */
  refunds: SeenEvent[];
  /** Whether peers have told that it was given back. */
  isReturned: boolean;
}

/**
 * Every payment that peers have reported is a ticket or money back at the end, exactly one of them, however many times and in
 * whatever forms it was reported. It has bought one order at most, and peers are asked for it once at most: for one that
 * has bought, only by an operator. A refund is of the order that was paid for, and names the charge if one came.
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
    const outcome = outcomes.get(id) ?? {
      ...{ bought: new Set<string>(), tickets: new Set<string>(), refunds: [], isReturned: false },
    };
    outcomes.set(id, outcome);
    return outcome;
  };
  for (const { id, status, payments } of history.orders) {
    if (status !== 'paid') continue;
    for (const payment of payments) if (!payment.refund) of(payment.id).tickets.add(id);
  }
  for (const event of firstSights(orderEvents(history)).values()) {
    const { id, paymentId } = event.data;
    if (event.subject === 'order:paid') of(paymentId).bought.add(String(id));
    if (event.subject === 'order:refund-required') of(paymentId).refunds.push(event);
  }
  for (const { paymentId } of seenRefunds(history)) of(paymentId).isReturned = true;
  return outcomes;
}

const nothing: Outcome = { bought: new Set(), tickets: new Set(), refunds: [], isReturned: false };

function flawsOf(id: string, payments: SeenPayment[], outcome: Outcome = nothing): string[] {
  const { bought, tickets, refunds, isReturned } = outcome;
  const orderIds = new Set(payments.map(({ orderId }) => orderId));
  const charges = new Set(payments.flatMap(({ chargeId }) => chargeId ?? []));
  const named = `payment ${id} for order ${[...orderIds].join(', ')}`;
  const isBack = isReturned || refunds.length > 0;
  const orders = new Set([...bought, ...tickets]);
  const why = refunds.map(({ data }) => String(data['reason']));
  return [
    ...(tickets.size + (isBack ? 1 : 0) === 1 && refunds.length <= 1
      ? []
      : [`${named} has become ${tickets.size} tickets and ${refunds.length} refunds`]),
    ...(orders.size <= 1 ? [] : [`${named} has bought ${[...orders].join(' and ')}`]),
    ...(bought.size > 0 && why.some((reason) => reason !== 'operator')
      ? [`${named} has bought, and is given back for ${why.join(', ')}`]
      : []),
    ...[...orders, ...refunds.map(({ data }) => String(data['orderId']))]
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
