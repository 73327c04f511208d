import type { Fault, History } from '../history/history.ts';
import { duration, intersection, merged, type Span } from '../history/spans.ts';
import { firstEnd } from '../history/stored-orders.ts';
import type { Rule } from './rule.ts';

/** The sweep runs every second and asks the database for at most 4 s; the rest is for a slow machine. */
const graceMs = 6_000;
/** After a fault a process restarts, a client reconnects, and a running operation comes to its timeout. */
const recoveryMs = 12_000;
const services = ['service-1', 'service-2'];

/**
 * No hold outlives its time by more than the sweep plus the outage: the time in which no service could reach the
 * database, or the database was too slow. And none ends before its time, extensions included, but by its buyer or an operator.
 */
export const holdsEndInTime: Rule = (history) => {
  const outages = outagesOf(history);
  return history.orders.flatMap((order) => {
    const held = firstEnd(order) - order.createdAt;
    if (held !== history.settings.holdMs) return [`order ${order.id} was to hold its ticket for ${held} ms`];
    const end = order.history[1];
    if (!end) return [`order ${order.id} is still pending`];
    if (end.status === 'expired' && end.at < order.expiresAt) {
      return [`order ${order.id} expired ${order.expiresAt - end.at} ms too early`];
    }
    const late =
      end.at - order.expiresAt - duration(intersection([{ from: order.expiresAt, to: end.at }], outages));
    return late > graceMs
      ? [`order ${order.id} held its ticket for ${late} ms too long, outages not counted`]
      : [];
  });
};

/** When no service could expire orders: both were hindered by faults, or the database was too slow for anybody. */
function outagesOf({ faults, outages }: History): Span[] {
  const [one = [], other = []] = services.map((service) =>
    merged(faults.filter(({ target }) => hinders(target, service)).map(toSpan)),
  );
  return merged([
    ...intersection(one, other),
    ...outages.map(({ from, to }) => ({ from, to: to + recoveryMs })),
  ]);
}

function hinders(target: string, service: string): boolean {
  return target === 'database' || target === service || target === `${service}:database`;
}

function toSpan({ startedAt, endedAt }: Fault): Span {
  return { from: startedAt, to: endedAt + recoveryMs };
}
