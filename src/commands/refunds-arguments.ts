import { parseArgs } from 'node:util';
import { flag, refuseRepeated, requireId, requireReason, text } from './arguments.ts';
import { BadUsage } from './exit-codes.ts';
import { requireTime } from './read-time.ts';
import { formatOptions, type RowFormat, readFormat } from './rows.ts';

export const usage = `usage: refunds list [--since <time>] [--undated] [--json | --csv]
       refunds remind (<order>… | --since <time>) [--yes]
       refunds done <order> <payment> --note <text> [--yes]
  list    payments that are to be given back, and of which the payments service has not told that they were
  remind  sends order:refund-required again, under its eventId: for the orders, or for what was asked for since a time
  done    records that a payment was given back by hand, as payment:refunded does. One that has bought its order cancels it
  --since    a time, such as 2030-01-31T12:00:00Z
  --undated  also what version 0.1 has asked for: of that nobody knows when, nor whether it was given back
  --note     how it was given back; it is stored with the payment
  --yes      does it; without it remind and done only say what they would do`;

/** What the command line asks for. */
export type RefundsRequest =
  | { command: 'list'; since?: Date; undated: 'with' | 'without'; format: RowFormat }
  | { command: 'remind'; orderIds: string[]; since?: Date; isMeant: boolean }
  | { command: 'done'; orderId: string; paymentId: string; note: string; isMeant: boolean };

/** @throws BadUsage, or an error of the parser, that names what is wrong and what would be right */
export function readArguments(args: string[]): RefundsRequest {
  const [command, ...rest] = args;
  if (command === 'list') return readList(rest);
  if (command === 'remind') return readRemind(rest);
  if (command === 'done') return readDone(rest);
  throw new BadUsage(command ? `there is no command ${command}` : 'a command is missing');
}

function readList(args: string[]): RefundsRequest {
  const options = { since: text, undated: flag, ...formatOptions };
  const { values, tokens } = parseArgs({ args, options, tokens: true });
  refuseRepeated(tokens);
  const format = readFormat(values);
  if (values.undated && values.since !== undefined)
    throw new BadUsage('--undated has no time: give --since in a list of its own');
  return { command: 'list', ...sinceOf(values), undated: values.undated ? 'with' : 'without', format };
}

function readRemind(args: string[]): RefundsRequest {
  const options = { since: text, yes: flag };
  const { values, positionals, tokens } = parseArgs({ args, options, allowPositionals: true, tokens: true });
  refuseRepeated(tokens);
  if (positionals.length > 0 === (values.since !== undefined))
    throw new BadUsage('remind needs the ids of orders, or --since <time>: all at once are never sent');
  // Each once: whoever is reminded twice might pay twice.
  const orderIds = new Set(positionals.map((id) => requireId(id)));
  return { command: 'remind', orderIds: [...orderIds], ...sinceOf(values), isMeant: values.yes };
}

function readDone(args: string[]): RefundsRequest {
  const options = { note: text, yes: flag };
  const { values, positionals, tokens } = parseArgs({ args, options, allowPositionals: true, tokens: true });
  refuseRepeated(tokens);
  const [orderId, paymentId, ...more] = positionals;
  if (orderId === undefined || paymentId === undefined || more.length > 0)
    throw new BadUsage('done needs the id of one order and the id of one payment');
  const note = requireReason('--note must say how it was given back', values.note);
  return { command: 'done', orderId: requireId(orderId), paymentId, note, isMeant: values.yes };
}

function sinceOf(values: { since?: string }): { since?: Date } {
  return values.since === undefined ? {} : { since: requireTime('--since', values.since) };
}
