import { parseArgs } from 'node:util';
import type { RepublishScope } from '../orders/use-cases/republish-order.ts';
import { flag, refuseRepeated, requireId, text } from './arguments.ts';
import { BadUsage } from './exit-codes.ts';
import { requireTime } from './read-time.ts';

/** Peers handle this besides their daily load, and the service's own events do not wait behind a heap of old ones. */
const defaultRate = 50;
const maxRate = 1_000;

export const usage = `usage: republish (--since <time> | --order <id>) [--until <time>] [--all] [--rate <n>] [--yes]
  sends past events once more, from the orders' history: for a broker that has lost its store. Without --yes it only says
  what it would send. Peers must drop the eventIds that they know. Exits with 1 when there is an order whose events cannot
  be made; it is named, and the others are sent.
  --since, --until  the events from one time up to the other, such as 2030-01-31T12:00:00Z; --until is now, unless given
  --order           those of one order; all that it has had, or those within the time
  --all             also orders that have had an order:cancelled
  --rate            events a second, from 1 to ${maxRate}; ${defaultRate}, unless given
  --yes             sends them`;

/** What the command line asks for. */
export interface RepublishArguments {
  scope: RepublishScope;
  /** The one order; undefined for all. */
  orderId: string | undefined;
  /** Events a second. */
  rate: number;
  isMeant: boolean;
}

/** @throws BadUsage, or an error of the parser, that names what is wrong and what would be right */
export function readArguments(args: string[], now: Date): RepublishArguments {
  const options = { since: text, until: text, order: text, all: flag, rate: text, yes: flag };
  const { values, tokens } = parseArgs({ args, tokens: true, options });
  refuseRepeated(tokens);
  const { order } = values;
  return {
    scope: { ...readRange(values, now), released: values.all ? 'send' : 'leave_out' },
    orderId: order === undefined ? undefined : requireId(order, `--order ${order} is not an id`),
    rate: values.rate === undefined ? defaultRate : requireRate(values.rate),
    isMeant: values.yes,
  };
}

interface RangeOptions {
  since?: string;
  until?: string;
  order?: string;
}

function readRange(options: RangeOptions, now: Date): Pick<RepublishScope, 'since' | 'until'> {
  if (options.since === undefined && options.order === undefined)
    throw new BadUsage('--since <time>, --order <id> or both must say which events');
  const since = options.since === undefined ? new Date(0) : requireTime('--since', options.since);
  if (options.until === undefined) return { since, until: now };
  const until = requireTime('--until', options.until);
  if (until <= since)
    throw new BadUsage(`--until ${options.until} must be later than --since ${since.toISOString()}`);
  // What comes from now on is sent by the service itself; without this end a busy one would never be done with.
  return { since, until: until < now ? until : now };
}

function requireRate(given: string): number {
  const rate = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  if (rate >= 1 && rate <= maxRate) return rate;
  throw new BadUsage(`--rate ${given} is not a whole number from 1 to ${maxRate}`);
}
