import fc from 'fast-check';
import { changed } from '../../../tests/support/memory-order-store.ts';
import { buyingPaymentId, decidePayment, decideRefunded } from './decide-payment.ts';
import {
  decideCancel,
  holdSecondsLeft,
  holdsTicket,
  isOverdue,
  type LatePaymentPolicy,
  latePaymentPolicies,
  nextStatuses,
  type Order,
  type OrderStatus,
  orderStatuses,
  type Payment,
} from './order.ts';
import type { OrderChange } from './order-change.ts';
import { type OrderEvent, orderEventSchemas } from './order-events.ts';
import { eventsWithin, rebuildEvents } from './rebuild-events.ts';
import { addCharge, cancelRefunded, completeRefund, markAhead, release } from './refund-transitions.ts';
import * as transitions from './transitions.ts';

const start = new Date('2030-01-01T00:00:00Z');
const holdMs = 900_000;
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const fresh = transitions.place({ id: 'a'.repeat(24), userId: 'u1', ticket, holdMs }, { now: start });
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const at = (ms: number) => new Date(start.getTime() + ms);
const inStatus = (status: OrderStatus): Order => ({ ...fresh.order, status });

const allowed = ['pending→paid', 'pending→cancelled', 'pending→expired', 'expired→paid', 'paid→cancelled'];

test.each(orderStatuses.flatMap((from) => orderStatuses.map((to) => [from, to] as const)))(
  'When an order is %s and would become %s, then only the table decides',
  (from, to) => {
    expect(nextStatuses[from].includes(to)).toBe(allowed.includes(`${from}→${to}`));
    const order = inStatus(from);
    const { payments, history } = changed(fresh.order, transitions.pay(fresh.order, payment, { now: start }));
    const change = {
      pending: undefined,
      paid: () => transitions.pay(order, payment, { now: start }),
      cancelled: () => release({ ...order, payments, history }, 'broken seat', { now: start }),
      expired: () => transitions.expire(order, 'expiry', { now: start }),
    }[to];
    if (!change) return;
    if (allowed.includes(`${from}→${to}`))
      expect(change().push.history).toMatchObject({ status: to, version: 1 });
    else expect(change).toThrow(`is ${from} and cannot become ${to}`);
  },
);

test('When an order is pending or paid, and only then, it holds its ticket', () => {
  expect(orderStatuses.filter(holdsTicket)).toEqual(['pending', 'paid']);
});

test('When the hold ends, then the order is overdue from that very millisecond, if it is pending', () => {
  expect(isOverdue(fresh.order, at(holdMs - 1))).toBe(false);
  expect(isOverdue(fresh.order, at(holdMs))).toBe(true);
  for (const status of ['paid', 'cancelled', 'expired'] as const) {
    expect(isOverdue(inStatus(status), at(holdMs * 2))).toBe(false);
  }
});

test.each([
  ['pending', holdMs - 1, 'cancel'],
  ['pending', holdMs, 'expire'],
  ['cancelled', holdMs * 2, 'already_cancelled'],
  ['paid', 0, 'refuse_paid'],
  ['expired', holdMs, 'refuse_expired'],
] as const)('When a %s order is cancelled after %i ms, then: %s', (status, ms, decision) => {
  expect(decideCancel(inStatus(status), at(ms))).toBe(decision);
});

type Step =
  | { kind: 'cancel' }
  | { kind: 'pay'; payment: Payment; taken: boolean; late: LatePaymentPolicy }
  | { kind: 'refunded'; id: string }
  | { kind: 'release' }
  | { kind: 'sweep' };
const step: fc.Arbitrary<Step & { ms: number }> = fc.oneof(
  fc.record({ kind: fc.constant('cancel' as const), ms: fc.nat(holdMs * 2) }),
  fc.record({ kind: fc.constant('sweep' as const), ms: fc.nat(holdMs * 2) }),
  fc.record({ kind: fc.constant('release' as const), ms: fc.nat(holdMs * 2) }),
  fc.record({
    kind: fc.constant('refunded' as const),
    id: fc.constantFrom('p1', 'p2', 'p3'),
    ms: fc.nat(holdMs * 2),
  }),
  fc.record({
    kind: fc.constant('pay' as const),
    payment: fc.record(
      { id: fc.constantFrom('p1', 'p2', 'p3'), stripeChargeId: fc.constant('ch') },
      { requiredKeys: ['id'] },
    ),
    taken: fc.boolean(),
    late: fc.constantFrom(...latePaymentPolicies),
    ms: fc.nat(holdMs * 2),
  }),
);

/** The change that a step leads to by the rules, as the use cases put them together. */
function decided(order: Order, now: Date, what: Step): OrderChange | undefined {
  if (what.kind === 'sweep')
    return isOverdue(order, now) ? transitions.expire(order, 'expiry', { now }) : undefined;
  if (what.kind === 'cancel') {
    const decision = decideCancel(order, now);
    if (decision === 'cancel') return transitions.cancel(order, { now });
    return decision === 'expire' ? transitions.expire(order, 'expiry', { now }) : undefined;
  }
  if (what.kind === 'release') return holdsTicket(order.status) ? release(order, 'why', { now }) : undefined;
  return what.kind === 'refunded' ? decidedRefund(order, now, what.id) : decidedPayment(order, now, what);
}

function decidedRefund(order: Order, now: Date, id: string): OrderChange | undefined {
  const change = {
    mark_ahead: markAhead,
    complete: completeRefund,
    cancel: cancelRefunded,
    already_completed: undefined,
  }[decideRefunded(order, id)];
  return change?.(order, { id }, { now });
}

function decidedPayment(
  order: Order,
  now: Date,
  what: Extract<Step, { kind: 'pay' }>,
): OrderChange | undefined {
  const decision = decidePayment(order, what.payment, { latePayment: what.late, isWithdrawn: false });
  if (decision === 'already_settled') return undefined;
  if (decision === 'add_charge') return addCharge(order, what.payment);
  if (typeof decision === 'object')
    return transitions.requireRefund(order, what.payment, decision.refund, { now });
  if (decision === 'hold_again_and_pay' && what.taken)
    return transitions.requireRefund(order, what.payment, 'ticket_taken', { now });
  return transitions.pay(order, what.payment, { now });
}

function expectLawful(before: Order, after: Order, change: OrderChange): void {
  expect(after.version - before.version).toBe(change.set ? 1 : 0);
  if (before.status === 'cancelled') expect(after.status).toBe('cancelled');
  if (before.status === 'paid' && after.status !== 'paid')
    expect(['refund', 'operator']).toContain(after.history.at(-1)?.cause);
  for (const [index, { refund, refundCompletedAt }] of before.payments.entries()) {
    if (refund) expect(after.payments[index]?.refund).toBe(refund);
    if (refundCompletedAt) expect(after.payments[index]?.refundCompletedAt).toBe(refundCompletedAt);
  }
}

test('When anything happens to an order in any sequence, then its invariants hold and every event is as agreed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let order = fresh.order;
      const events: OrderEvent[] = [fresh.event];
      let now = start.getTime();
      for (const what of steps) {
        now += what.ms;
        const change = decided(order, new Date(now), what);
        if (!change) continue;
        const before = order;
        order = changed(order, change);
        events.push(...change.events);
        expectLawful(before, order, change);
      }
      expect(order.history.map(({ version }) => version)).toEqual([...order.history.keys()]);
      expect(order.history.at(-1)).toMatchObject({ status: order.status, version: order.version });
      expect(new Set(order.payments.map(({ id }) => id)).size).toBe(order.payments.length);
      const buying = order.payments.filter(({ refund }) => refund === undefined);
      expect(buying).toHaveLength(order.status === 'paid' ? 1 : 0);
      if (order.status === 'paid') expect(buying[0]?.id).toBe(buyingPaymentId(order));
      const range = { since: start, until: new Date(now + 1) };
      expect(new Set(eventsWithin(order, range))).toEqual(new Set(events));
      const completed = order.payments.flatMap(({ id, refundCompletedAt }) =>
        refundCompletedAt ? [id] : [],
      );
      const sentAgain = events
        .filter(({ eventId }) => !completed.some((id) => eventId === `${order.id}:refund:${id}`))
        .map((event) => ({ ...event, data: { ...event.data, replayed: true } }));
      const rebuilt = rebuildEvents({ order, pendingEventIds: [] }, range);
      expect(new Set(rebuilt)).toEqual(new Set(sentAgain));
      for (const { subject, data } of events)
        expect(orderEventSchemas[subject].safeParse(data).error).toBeUndefined();
      expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['at once', 0, 900],
  ['before a second is over', 1, 900],
  ['after a second', 1_000, 899],
  ['a millisecond before its end', holdMs - 1, 1],
  ['at its end', holdMs, 0],
  ['after its end', holdMs + 5_000, 0],
  ['by a clock that is behind the one it was placed by', -400, 900],
])('When a hold is looked at %s, then its seconds are counted up to the next whole one', (_, ms, seconds) => {
  expect(holdSecondsLeft(fresh.order, at(ms))).toBe(seconds);
});

test.each(['paid', 'cancelled', 'expired'] as const)(
  'When an order is %s, then nothing is left of its hold',
  (status) => {
    expect(holdSecondsLeft(inStatus(status), start)).toBe(0);
  },
);
