import { grouped } from './history/grouped.ts';
import type { History } from './history/history.ts';
import { seenPayments, seenRefunds } from './history/payments.ts';
import { duration } from './history/spans.ts';
import type { Finding } from './rules/check-history.ts';
import { quietLags } from './rules/lag.ts';
import { deadLocks } from './rules/locks.ts';
import { type Repetition, repetitions } from './rules/repetitions.ts';

/** Of the repetitions that faults excuse. */
const maxShownExcuses = 5;

/** The report of a round: a line each for faults, requests, orders, events, the quiet window and findings. */
export function report(history: History, findings: Finding[]): string {
  const { faults, answers, orders, messages, deadLetters, tickets } = history;
  const events = messages.filter(({ subject }) => subject.startsWith('order:'));
  const distinct = new Set(events.map(({ text }) => text)).size;
  const jumps = tickets.reduce((sum, { jumps: { length } }) => sum + length, 0);
  const slow = Math.round(duration(history.outages) / 1_000);
  const lags = quietLags(history).map(({ ms }) => ms);
  const repeated = repetitions(history);
  const excused = repeated.filter(({ behind, excuses }) => behind && excuses.length > 0);
  const rows = [
    ['faults', faults.length, counts(faults, ({ kind, target }) => `${kind} ${kindOf(target)}`)],
    ['requests', answers.length, counts(answers, ({ status }) => String(status))],
    ['orders', orders.length, counts(orders, ({ status }) => status)],
    ['payments', orders.flatMap(({ payments }) => payments).length, paymentsRow(history)],
    ...lifeRows(history),
    ['events seen', events.length, `${distinct} distinct, ${counts(events, ({ subject }) => subject)}`],
    [
      'messages in',
      messages.length - events.length,
      `${deadLetters.length} dead letters, ${jumps} gaps closed`,
    ],
    [
      'longest outage',
      `${(longestOutageMs(history) / 1_000).toFixed(1)} s`,
      `without an answer to any request; the database was slow for ${slow} s`,
    ],
    ['quiet window', `${Math.round(windowMs(history) / 1_000)} s`, quietWindow(history)],
    ['events judged', lags.length, `for their lag; the longest was ${Math.max(0, ...lags)} ms`],
    ['repetitions', repeated.length, `of events, ${excused.length} after a later one, excused by faults`],
    ...excused.slice(0, maxShownExcuses).map((one) => ['', '', excuse(one)]),
    ...locksRows(history),
    ['findings', findings.length, counts(findings, ({ rule }) => rule)],
  ];
  return rows
    .map(([name, count, detail]) => `  ${String(name).padEnd(15)} ${String(count).padStart(7)}  ${detail}`)
    .join('\n');
}

/** What the payments have come to, and how many messages reported them. */
function paymentsRow(history: History): string {
  const payments = history.orders.flatMap((order) => order.payments);
  const sent = seenPayments(history);
  const charged = new Set(sent.filter(({ chargeId }) => chargeId !== undefined).map(({ id }) => id)).size;
  const outcomes = counts(payments, ({ refund }) => refund ?? 'tickets');
  return `${charged} with a charge, in ${sent.length} messages; ${outcomes}`;
}

/** Extensions, refunds and what the operator did; none in a round without them. */
function lifeRows(history: History): [string, number, string][] {
  const { orders, commands, answers, settings, tickets } = history;
  if (!settings.extension) return [];
  const extensions = orders.flatMap((order) => order.extensions ?? []);
  const asked = answers.filter(({ kind }) => kind === 'extend');
  const completed = orders.flatMap(({ payments }) => payments.filter((payment) => payment.refundCompletedAt));
  const ends = orders.flatMap((order) => order.history.filter(({ status }) => status === 'cancelled'));
  const withdrawn = tickets.filter(({ withdrawnAt }) => withdrawnAt !== undefined).length;
  return [
    [
      'extensions',
      extensions.length,
      `asked for ${asked.length} times; ${counts(asked, ({ status }) => `${status}`)}`,
    ],
    [
      'refunds told',
      seenRefunds(history).length,
      `${completed.length} completed; orders cancelled: ${counts(ends, ({ cause }) => cause)}`,
    ],
    [
      'commands',
      commands.length,
      `${counts(commands, ({ status }) => `${status}`)}; ${withdrawn} tickets withdrawn`,
    ],
  ];
}

function windowMs({ settings: { quietWindow: window } }: History): number {
  return window.to - window.from;
}

/** Its requests, and how many were in flight on average: the sum of their durations, divided by the window. */
function quietWindow(history: History): string {
  const { from, to } = history.settings.quietWindow;
  const inIt = history.answers.filter(({ sentAt }) => sentAt >= from && sentAt <= to);
  const waitedMs = inIt.reduce((sum, { sentAt, answeredAt }) => sum + answeredAt - sentAt, 0);
  const inFlight = Math.round(waitedMs / Math.max(1, windowMs(history)));
  return `${inIt.length} requests, ${inFlight} in flight on average`;
}

function excuse({ event, afterFirstMs, behind, excuses }: Repetition): string {
  const causes = [...new Set(excuses.map(({ what }) => what))].join(', ');
  return `${event.subject} ${event.eventId} after ${afterFirstMs} ms, behind ${behind?.subject}: ${causes}`;
}

/** The locks of classic peers at the end; those for dead orders each with what excuses it. None without such peers. */
function locksRows(history: History): string[][] {
  if (!history.settings.peers) return [];
  const dead = deadLocks(history);
  const excused = dead.filter(({ excuses }) => excuses.length > 0);
  return [
    [
      'locks',
      String(history.locks.length),
      `${dead.length} for dead orders, ${excused.length} excused by faults`,
    ],
    ...excused.map(({ ticketId, orderId, status, excuses }) => {
      const causes = [...new Set(excuses.map(({ kind, target }) => `${kind} ${target}`))].join(', ');
      return ['', '', `ticket ${ticketId} for order ${orderId} (${status}): ${causes}`];
    }),
  ];
}

/** One name for all services, and one for all links to a server. */
function kindOf(target: string): string {
  const [client, server] = target.split(':');
  if (server) return `link to ${server}`;
  return client?.startsWith('service') ? 'service' : target;
}

function counts<Item>(items: readonly Item[], key: (item: Item) => string): string {
  return [...grouped(items, key)]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, { length }]) => `${name}: ${length}`)
    .join(', ');
}

/** An answer of 503 says that there is an outage, so it does not end one. */
function longestOutageMs({ answers }: History): number {
  const times = answers
    .filter(({ status }) => status !== 'cut' && status < 500)
    .map(({ answeredAt }) => answeredAt)
    .sort((a, b) => a - b);
  return Math.max(0, ...times.map((time, index) => time - (times[index - 1] ?? time)));
}
