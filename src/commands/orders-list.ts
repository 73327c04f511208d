import { parseArgs } from 'node:util';
import { type ListedOrder, type OrderStatus, orderStatuses } from '../orders/domain/order.ts';
import { orderModel } from '../orders/store/order-model.ts';
import type { OrderSearch } from '../orders/store/order-queries.ts';
import { createOrderSearchStore } from '../orders/store/order-search-store.ts';
import { refuseRepeated, requireId, text } from './arguments.ts';
import { withDatabase } from './connections.ts';
import { BadUsage, type CommandContext } from './exit-codes.ts';
import { readOrProblem } from './read-or-problem.ts';
import { requireTime } from './read-time.ts';
import { createRows, formatOptions, type RowFormat, readFormat } from './rows.ts';

const columns = {
  ...{ id: 24, status: 9, version: 7, createdAt: 24, expiresAt: 24, userId: 24, ticketId: 24 },
  ...{ price: 8, title: 0 },
};

/** Lists orders, newest first, as they are read. Resolves with the exit code: 1 when one cannot be read, which is named. */
export async function listOrders(context: CommandContext): Promise<number> {
  const { args, out, problems, signal } = context;
  const { wanted, format } = readListArguments(args);
  const rows = createRows(out, format, columns);
  return withDatabase(context, async (database) => {
    let exitCode = 0;
    await rows.head();
    for await (const order of createOrderSearchStore(orderModel(database)).search(wanted)) {
      signal.throwIfAborted();
      const row = 'problem' in order ? order : readOrProblem(() => rowOf(order));
      if ('problem' in row) {
        await problems.line(`order ${order.id} cannot be read: ${row.problem}`);
        exitCode = 1;
      } else await rows.row(row);
    }
    return exitCode;
  });
}

function rowOf({ ticket: { price, title }, createdAt, expiresAt, ...facts }: ListedOrder) {
  return { ...facts, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString(), price, title };
}

/** @throws BadUsage, or an error of the parser, that names what is wrong and what would be right */
export function readListArguments(args: string[]): { wanted: OrderSearch; format: RowFormat } {
  const options = { user: text, ticket: text, status: text, since: text, ...formatOptions };
  const { values, tokens } = parseArgs({ args, tokens: true, options });
  refuseRepeated(tokens);
  const { user, ticket, status, since } = values;
  if ([user, ticket, status, since].every((value) => value === undefined))
    throw new BadUsage(
      'list needs --user <id>, --ticket <id>, --status <status>, --since <time> or several of them',
    );
  const format = readFormat(values);
  if (user === '') throw new BadUsage('--user must have the id of a user');
  return {
    wanted: {
      ...(user !== undefined && { userId: user }),
      ...(ticket !== undefined && { ticketId: requireId(ticket, `--ticket ${ticket} is not an id`) }),
      ...(status !== undefined && { status: requireStatus(status) }),
      ...(since !== undefined && { since: requireTime('--since', since) }),
    },
    format,
  };
}

function requireStatus(given: string): OrderStatus {
  const status = orderStatuses.find((one) => one === given);
  if (status) return status;
  throw new BadUsage(`--status ${given} is no status: the statuses are ${orderStatuses.join(', ')}`);
}
