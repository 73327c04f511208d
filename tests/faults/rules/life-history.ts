import type { History, OperatorCommand, StoredOrder } from '../history/history.ts';
import { add, required, ticketOf } from './changed-history.ts';
import { at, goodHistory, message, order, paymentsOf } from './sample-history.ts';

/**
 * The good history, and what else may become of orders. `d1` is extended twice and expires. `e1` is paid, and its payment is
 * given back. `f1` is paid and released by command, and given back. `g1` expires, its ticket is withdrawn, and its payment is
 * to be given back. `h1`'s payment was given back before it came. `i1` is released while it is pending.
 */
export function lifeHistory(): History {
  const history = goodHistory();
  history.settings.extension = { extensionMs: 3_000, holdLimitMs: 8_000 };
  history.commands = [
    command({ name: 'release 1', ticketIds: [idOf('f'), idOf('i')], released: ['f1', 'i1'] }),
    command({ name: 'withdrawal 1', ticketIds: [idOf('g')], withdraws: true, released: [] }),
  ];
  for (const name of ['d', 'e', 'f', 'g', 'h', 'i']) {
    const title = 'Jazz';
    history.tickets.push({ id: idOf(name), title, price: 20, version: 1, jumps: [] });
    for (const version of [0, 1]) {
      const data = { id: idOf(name), version, title, price: 20, userId: 'seller' };
      history.messages.push(
        message(version === 0 ? 'ticket:created' : 'ticket:updated', data, version - 500),
      );
    }
  }
  ticketOf(history, 'g').withdrawnAt = at(10_900);
  for (const lived of [extended(), refunded(), released(), withdrawn(), refundedAhead(), pendingReleased()]) {
    add(history, lived);
    history.messages.push(...paymentsOf(lived));
  }
  for (const n of [1, 2]) ask(history, n);
  tell(history, 'e1', 'p7', 10_500);
  tell(history, 'e1', 'p7', 20_000);
  tell(history, 'f1', 'p8', 11_500);
  tell(history, 'h1', 'p10', 9_400);
  return history;
}

function idOf(name: string): string {
  return name.padEnd(24, '0');
}

/** The peers tell that a payment was given back. */
export function tell(history: History, orderId: string, paymentId: string, ms: number): void {
  history.messages.push(message('payment:refunded', { id: 're', orderId, paymentId }, ms));
}

function command(run: Pick<OperatorCommand, 'name' | 'ticketIds' | 'released'> & { withdraws?: true }) {
  return {
    ...{ withdraws: false, orderIds: [], startedAt: at(10_800), endedAt: at(14_000), status: 0 },
    ...run,
  };
}

function ask({ answers, orders }: History, n: number): void {
  const placed = required(orders.find(({ id }) => id === 'd1'));
  const { at: when, to } = required(placed.extensions?.[n - 1]);
  const { id, userId, ticketId } = placed;
  answers.push({
    ...{ requestId: `request-d1-${n}`, service: 'service-1', kind: 'extend', userId, orderId: id },
    ...{ sentAt: when - 5, answeredAt: when + 20, status: 200 },
    shown: { id, userId, ticketId, status: 'pending', version: 0, expiresAt: to },
  });
}

function extended(): StoredOrder {
  return {
    ...order('d1', 'd', 9_000, [['expired', 15_600, 'expiry']]),
    expiresAt: at(15_500),
    extensions: [
      { n: 1, at: at(10_000), from: at(12_000), to: at(13_000) },
      { n: 2, at: at(12_500), from: at(13_000), to: at(15_500) },
    ],
  };
}

const bought = ['paid', 9_500, 'payment'] as const;

function refunded(): StoredOrder {
  const life = order(
    'e1',
    'e',
    9_000,
    [bought, ['cancelled', 10_510, 'refund']],
    [['p7', 9_500, 'refunded']],
  );
  required(life.history[1]).paymentId = 'p7';
  required(life.payments[0]).refundCompletedAt = at(10_510);
  return life;
}

function released(): StoredOrder {
  const life = order(
    'f1',
    'f',
    9_000,
    [bought, ['cancelled', 11_000, 'operator']],
    [['p8', 9_500, 'operator']],
  );
  required(life.history[1]).paymentId = 'p8';
  required(life.history[2]).reason = 'release 1';
  Object.assign(required(life.payments[0]), { refundDueAt: at(11_000), refundCompletedAt: at(11_510) });
  return life;
}

function withdrawn(): StoredOrder {
  return order('g1', 'g', 9_000, [['expired', 12_100, 'expiry']], [['p9', 13_000, 'operator']]);
}

function refundedAhead(): StoredOrder {
  const life = order('h1', 'h', 9_000, [['expired', 12_100, 'expiry']], [['p10', 9_410, 'refunded']]);
  required(life.payments[0]).refundCompletedAt = at(9_410);
  return life;
}

function pendingReleased(): StoredOrder {
  const life = order('i1', 'i', 9_000, [['cancelled', 11_000, 'operator']]);
  required(life.history[1]).reason = 'release 1';
  return life;
}
