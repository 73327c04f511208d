import type { Answer, History, SeenMessage, StoredOrder } from '../history/history.ts';
import { emptyLists } from '../history/history-file.ts';
import { buyingPaymentId, firstEnd, isAskedFor } from '../history/stored-orders.ts';

const start = 1_800_000_000_000;
const holdMs = 3_000;
const ticketId = (name: string) => name.padEnd(24, '0');
const ticket = { title: 'Jazz', price: 20, version: 1 };

/** A moment of the sample, in milliseconds from its start. */
export function at(ms: number): number {
  return start + ms;
}

/**
 * A history that breaks no rule. On ticket `a`: `a1` is taken over by `a2`, which is paid, and `a1`'s late payment is
 * refunded. On `b`: `b1` is cancelled and its payment refunded. On `c`: `c1` expires and is paid late, twice. The
 * replica of ticket `c` has skipped a version that never came. Five events are of a quiet time: of the changes in the
 * first two seconds, since a fault begins at 7 s.
 */
export function goodHistory(): History {
  const orders = [
    order('a1', 'a', 0, [['expired', 3_100, 'takeover']], [['p1', 5_000, 'ticket_taken']]),
    order('a2', 'a', 3_100, [['paid', 4_000, 'payment']], [['p2', 4_000]]),
    order('b1', 'b', 0, [['cancelled', 1_000, 'buyer']], [['p3', 1_500, 'order_cancelled']]),
    order(
      ...([
        'c1',
        'c',
        0,
        [
          ['expired', 3_500, 'expiry'],
          ['paid', 6_000, 'payment'],
        ],
      ] as const),
      [
        ['p4', 6_000],
        ['p5', 6_500, 'already_paid'],
      ],
    ),
  ];
  const answers = orders.map(placing);
  const refused: Answer = { ...placing(order('x', 'a', 1_000)), status: 409 };
  delete refused.shown;
  const lost: Answer = { ...refused, requestId: 'request-lost', status: 'cut' };
  return {
    settings: {
      ...{ seed: 1, seconds: 10, holdMs, gapTimeoutMs: 2_000, healedAt: at(10_000) },
      ...{ quietWindow: { from: at(0), to: at(1_500) }, minJudgedEvents: 5 },
    },
    ...emptyLists(),
    orders,
    answers: [...answers, refused, lost],
    faults: [{ kind: 'kill', target: 'database', startedAt: at(7_000), endedAt: at(8_000) }],
    poison: [{ subject: 'ticket:updated', text: 'no JSON' }],
    messages: numbered([
      ...['a', 'b'].flatMap((name) => [ticketEvent(name, 0, -500), ticketEvent(name, 1, -400)]),
      ...[ticketEvent('c', 0, -500), ticketEvent('c', 1, -400), ticketEvent('c', 3, -300)],
      message('ticket:updated', 'no JSON', 100),
      ...orders.flatMap(paymentsOf),
      ...orders.flatMap(eventsOf),
    ]),
    tickets: ['a', 'b', 'c'].map((name) => ({
      ...{ id: ticketId(name), title: 'Jazz', price: 20, version: name === 'c' ? 3 : 1 },
      jumps: name === 'c' ? [{ after: 1, to: 3, at: at(2_000) }] : [],
    })),
    deadLetters: [{ subject: 'ticket:updated', sequence: 5, timestamp: '1', reason: 'not JSON' }],
  };
}

/** An order that was placed at `from` and went through `changes`; times from the start of the sample. */
export function order(
  id: string,
  ticketName: string,
  from: number,
  changes: readonly (readonly [status: string, ms: number, cause: string])[] = [],
  payments: readonly (readonly [id: string, ms: number, refund?: string])[] = [],
): StoredOrder {
  const status = changes.at(-1)?.[0] ?? 'pending';
  return {
    ...{ id, userId: `buyer of ${id}`, status, version: changes.length, key: `key of ${id}`, ticket },
    ...{ createdAt: at(from), expiresAt: at(from + holdMs), ticketId: ticketId(ticketName), outbox: [] },
    holdsTicket: status === 'pending' || status === 'paid',
    history: [['pending', from, 'buyer'] as const, ...changes].map(([reached, ms, cause], version) => ({
      ...{ status: reached, version, at: at(ms), cause },
    })),
    payments: payments.map(([payment, ms, refund]) => ({
      ...{ id: payment, stripeChargeId: `charge of ${payment}`, at: at(ms) },
      ...(refund !== undefined && { refund }),
      ...(refund !== undefined && refund !== 'refunded' && { refundDueAt: at(ms) }),
    })),
  };
}

export function placing(placed: StoredOrder): Answer {
  const { id, userId, ticketId: wanted, createdAt } = placed;
  return {
    ...{ requestId: `request-${id}`, service: 'service-1', kind: 'place', userId, ticketId: wanted },
    ...('key' in placed && { key: placed.key }),
    ...{ sentAt: createdAt - 5, answeredAt: createdAt + 20, status: 201 },
    shown: { id, userId, ticketId: wanted, status: 'pending', version: 0, expiresAt: firstEnd(placed) },
  };
}

/** What the broker has of an order, 10 ms after each change. */
export function eventsOf(placed: StoredOrder): SeenMessage[] {
  const { id, userId, history, payments, extensions = [] } = placed;
  const priced = { id: placed.ticketId, price: ticket.price };
  const changes = history.map(({ status, version, at: when }) => {
    const common = { eventId: `${id}:${version}`, id, version, status, userId };
    const correlationId = `request-${id}`;
    const data = {
      pending: {
        ...common,
        correlationId,
        expiresAt: new Date(firstEnd(placed)).toISOString(),
        ticket: priced,
      },
      paid: { ...common, paymentId: buyingPaymentId(placed), ticket: priced },
    };
    if (status === 'pending') return message('order:created', data.pending, when - start + 10);
    if (status === 'paid') return message('order:paid', data.paid, when - start + 10);
    return message('order:cancelled', { ...common, ticket: { id: placed.ticketId } }, when - start + 10);
  });
  const extended = extensions.map(({ n, at: when, to }) => {
    const data = { id, userId, expiresAt: new Date(to).toISOString(), ticket: { id: placed.ticketId } };
    const named = { eventId: `${id}:extension:${n}`, correlationId: `request-${id}-${n}` };
    return message('order:hold-extended', { ...named, ...data }, when - start + 10);
  });
  const refunds = payments
    .filter(isAskedFor)
    .map(({ id: paymentId, stripeChargeId, at: paidAt, refundDueAt: when = paidAt, refund: reason }) => {
      const due = { id, orderId: id, userId, paymentId, stripeChargeId, amount: ticket.price, reason };
      return message(
        'order:refund-required',
        { eventId: `${id}:refund:${paymentId}`, ...due },
        when - start + 10,
      );
    });
  return [...changes, ...extended, ...refunds];
}

export function paymentsOf({ id: orderId, payments }: StoredOrder): SeenMessage[] {
  return payments.map(({ id, stripeChargeId, at: when }) =>
    message('payment:created', { id, orderId, stripeChargeId }, when - start - 10),
  );
}

function ticketEvent(name: string, version: number, ms: number): SeenMessage {
  const data = { id: ticketId(name), version, title: 'Jazz', price: 20, userId: 'seller' };
  return message(version === 0 ? 'ticket:created' : 'ticket:updated', data, ms);
}

export function message(subject: string, data: unknown, ms: number): SeenMessage {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return { subject, sequence: 0, timestamp: `${at(ms)}000000`, text };
}

/** Each channel counts its messages from 1. */
function numbered(messages: SeenMessage[]): SeenMessage[] {
  const last = new Map<string, number>();
  return messages.map((one) => {
    const sequence = (last.get(one.subject) ?? 0) + 1;
    last.set(one.subject, sequence);
    return { ...one, sequence };
  });
}
