import type { History, PeerSettings, SeenMessage, StoredOrder } from '../history/history.ts';
import { emptyLists } from '../history/history-file.ts';
import { at, eventsOf, goodHistory, message, order, paymentsOf, placing } from './sample-history.ts';

export const ackWaitMs = 5_000;
const peers: PeerSettings = {
  statusNames: { pending: 'created', paid: 'complete', expired: 'cancelled' },
  spacingMs: 6_000,
  ackWaitMs,
};

/**
 * A history beside classic peers that breaks no rule. Ticket `a`: `a1` is cancelled at once and its payment refunded, its
 * `order:cancelled` waits until 6,020 ms, and `a2` buys when the ticket is free again, and pays. Ticket `b`: `b1` expires,
 * its `order:cancelled` waits, and a late payment takes its kept hold back. The peers have `a` locked for `a2`, and do not
 * know that `b` is sold.
 */
export function classicHistory(): History {
  const { settings, tickets, messages } = goodHistory();
  const orders = [
    order('a1', 'a', 0, [['cancelled', 100, 'buyer']], [['p1', 1_500, 'order_cancelled']]),
    order('a2', 'a', 12_100, [['paid', 13_000, 'payment']], [['p2', 13_000]]),
    order(
      ...(['b1', 'b', 0] as const),
      [
        ['expired', 3_100, 'expiry'],
        ['paid', 8_000, 'payment'],
      ],
      [['p3', 8_000]],
    ),
  ];
  return {
    settings: { ...settings, minJudgedEvents: 8, peers },
    ...emptyLists(),
    orders,
    answers: orders.map((one) => {
      const answer = placing(one);
      if (answer.shown) answer.shown.status = 'created';
      return answer;
    }),
    messages: [
      ...messages.filter(({ subject, text }) => subject.startsWith('ticket:') && isOfTicket(text)),
      ...orders.flatMap(paymentsOf),
      ...orders.flatMap(spacedEventsOf),
    ],
    tickets: tickets.filter(({ id }) => isOfTicket(id)),
    locks: [{ ticketId: 'a'.padEnd(24, '0'), orderId: 'a2' }],
  };
}

function isOfTicket(text: string): boolean {
  return /[ab]0{23}/.test(text);
}

/** An order's events under their outside names, each when it may leave and 10 ms. */
function spacedEventsOf(placed: StoredOrder): SeenMessage[] {
  let mayLeaveAt = 0;
  return eventsOf(placed).map((event) => {
    const data = JSON.parse(event.text) as { status?: string };
    // The sample's one refund keeps its place behind the cancellation.
    if (data.status === undefined) return { ...event, timestamp: `${at(6_021)}000000` };
    const wanted = Number(BigInt(event.timestamp) / 1_000_000n) - at(0);
    const sentAt = Math.max(wanted, mayLeaveAt + 10);
    mayLeaveAt = sentAt + peers.spacingMs;
    const status = peers.statusNames[data.status] ?? data.status;
    return message(event.subject, { ...data, status }, sentAt);
  });
}
