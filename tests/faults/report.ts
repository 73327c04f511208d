import { grouped } from './history/grouped.ts';
import type { History } from './history/history.ts';
import { duration } from './history/spans.ts';
import type { Finding } from './rules/check-history.ts';

/** What a round was like, for people: a line each for faults, requests, orders, events and findings. */
export function report(history: History, findings: Finding[]): string {
  const { faults, answers, orders, messages, deadLetters, tickets } = history;
  const events = messages.filter(({ subject }) => subject.startsWith('order:'));
  const distinct = new Set(events.map(({ text }) => text)).size;
  const jumps = tickets.reduce((sum, { jumps: { length } }) => sum + length, 0);
  const slow = Math.round(duration(history.outages) / 1_000);
  const rows = [
    ['faults', faults.length, counts(faults, ({ kind, target }) => `${kind} ${place(target)}`)],
    ['requests', answers.length, counts(answers, ({ status }) => String(status))],
    ['orders', orders.length, counts(orders, ({ status }) => status)],
    ['events seen', events.length, `${distinct} different ones, ${counts(events, ({ subject }) => subject)}`],
    [
      'messages in',
      messages.length - events.length,
      `${deadLetters.length} dead letters, ${jumps} recorded jumps`,
    ],
    [
      'longest outage',
      `${(longestOutageMs(history) / 1_000).toFixed(1)} s`,
      `without an answer to any request; the database was slow for ${slow} s`,
    ],
    ['findings', findings.length, counts(findings, ({ rule }) => rule)],
  ];
  return rows
    .map(([name, count, detail]) => `  ${String(name).padEnd(15)} ${String(count).padStart(7)}  ${detail}`)
    .join('\n');
}

/** All services alike, and all links to one server. */
function place(target: string): string {
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
