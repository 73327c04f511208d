import type { Fault, History } from '../history/history.ts';
import type { Rule } from './rule.ts';

/** The sweep runs every second and asks the database for at most 4 s; the rest is for a slow machine. */
const graceMs = 6_000;
/** After a fault: a process starts again, a connection is made anew, an operation under way runs into its time-out. */
const recoveryMs = 12_000;
const services = ['service-1', 'service-2'];

interface Span {
  from: number;
  to: number;
}

/**
 * No hold outlives its time by more than the sweep plus the outage: the time in which no service could reach the
 * database. And none ends before its time but by its buyer.
 */
export const holdsEndInTime: Rule = (history) => {
  const outages = outagesOf(history);
  return history.orders.flatMap((order) => {
    const held = order.expiresAt - order.createdAt;
    if (held !== history.settings.holdMs) return [`order ${order.id} was to hold its ticket for ${held} ms`];
    const end = order.history[1];
    if (!end) return [`order ${order.id} is still pending`];
    if (end.status === 'expired' && end.at < order.expiresAt) {
      return [`order ${order.id} expired ${order.expiresAt - end.at} ms too early`];
    }
    const late = end.at - order.expiresAt - overlap({ from: order.expiresAt, to: end.at }, outages);
    return late > graceMs
      ? [`order ${order.id} held its ticket for ${late} ms too long, outages not counted`]
      : [];
  });
};

/** When no service could expire orders. */
function outagesOf({ faults }: History): Span[] {
  const [one = [], other = []] = services.map((service) =>
    merged(faults.filter(({ target }) => hinders(target, service)).map(toSpan)),
  );
  return merged(
    one.flatMap((span) =>
      other.map(({ from, to }) => ({ from: Math.max(from, span.from), to: Math.min(to, span.to) })),
    ),
  );
}

function hinders(target: string, service: string): boolean {
  return target === 'database' || target === service || target === `${service}:database`;
}

function toSpan({ startedAt, endedAt }: Fault): Span {
  return { from: startedAt, to: endedAt + recoveryMs };
}

function merged(spans: Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else result.push({ ...span });
  }
  return result;
}

function overlap(span: Span, others: Span[]): number {
  return others
    .map(({ from, to }) => Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)))
    .reduce((sum, part) => sum + part, 0);
}
