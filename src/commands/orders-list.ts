import { parseArgs } from 'node:util';
import { type OrderStatus, orderStatuses } from '../orders/domain/order.ts';
import { orderModel } from '../orders/store/order-model.ts';
import type { OrderSearch } from '../orders/store/order-queries.ts';
import { createOrderSearchStore, type FoundOrder } from '../orders/store/order-search-store.ts';
import { withDatabase } from './connections.ts';
import { BadUsage, type CommandContext } from './exit-codes.ts';
import { refuseRepeated } from './given-once.ts';
import { requireId } from './read-id.ts';
import { requireTime } from './read-time.ts';
import { type Column, createRowPrinter, type RowForm } from './row-printer.ts';

type Listed = Exclude<FoundOrder, { problem: string }>;

const columns: Column<Listed>[] = [
  { name: 'id', width: 24, cell: ({ id }) => id },
  { name: 'status', width: 9, cell: ({ status }) => status },
  { name: 'version', width: 7, cell: ({ version }) => version },
  { name: 'createdAt', width: 24, cell: ({ createdAt }) => createdAt.toISOString() },
  { name: 'expiresAt', width: 24, cell: ({ expiresAt }) => expiresAt.toISOString() },
  { name: 'userId', width: 24, cell: ({ userId }) => userId },
  { name: 'ticketId', width: 24, cell: ({ ticketId }) => ticketId },
  { name: 'price', width: 8, cell: ({ ticket }) => ticket.price },
  { name: 'title', width: 0, cell: ({ ticket }) => ticket.title },
];

/** Lists orders, newest first, as they are read. Resolves with the exit code: 1 when one cannot be read, which is named. */
export async function listOrders(context: CommandContext, args: string[]): Promise<number> {
  const { out, problems, signal } = context;
  const { wanted, form } = readListArguments(args);
  const printer = createRowPrinter(out, form, columns);
  return withDatabase(context, async (database) => {
    let exitCode = 0;
    await printer.begin();
    for await (const order of createOrderSearchStore(orderModel(database)).search(wanted)) {
      signal.throwIfAborted();
      if (!('problem' in order)) await printer.row(order);
      else {
        await problems.line(`order ${order.id} cannot be read: ${order.problem}`);
        exitCode = 1;
      }
    }
    return exitCode;
  });
}

/** @throws BadUsage, or an error of the parser, that names what is wrong and what would be right */
export function readListArguments(args: string[]): { wanted: OrderSearch; form: RowForm } {
  const { values, tokens } = parseArgs({
    args,
    tokens: true,
    options: {
      user: { type: 'string' },
      ticket: { type: 'string' },
      status: { type: 'string' },
      since: { type: 'string' },
      json: { type: 'boolean', default: false },
      csv: { type: 'boolean', default: false },
    },
  });
  refuseRepeated(tokens);
  const { user, ticket, status, since } = values;
  if ([user, ticket, status, since].every((value) => value === undefined))
    throw new BadUsage(
      'list needs --user <id>, --ticket <id>, --status <status>, --since <time> or several of them',
    );
  if (values.json && values.csv) throw new BadUsage('--json and --csv exclude each other: give one of them');
  if (user === '') throw new BadUsage('--user must have the id of a user');
  return {
    wanted: {
      ...(user !== undefined && { userId: user }),
      ...(ticket !== undefined && { ticketId: requireId(ticket, '--ticket').toLowerCase() }),
      ...(status !== undefined && { status: requireStatus(status) }),
      ...(since !== undefined && { since: requireTime('--since', since) }),
    },
    form: values.json ? 'json' : values.csv ? 'csv' : 'table',
  };
}

function requireStatus(text: string): OrderStatus {
  const status = orderStatuses.find((one) => one === text);
  if (status) return status;
  throw new BadUsage(`--status ${text} is no status: the statuses are ${orderStatuses.join(', ')}`);
}
