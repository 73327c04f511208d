import { parseArgs } from 'node:util';
import { type OrderStatus, orderStatuses } from '../orders/domain/order.ts';
import { orderModel } from '../orders/store/order-model.ts';
import type { OrderSearch } from '../orders/store/order-queries.ts';
import { createOrderSearchStore } from '../orders/store/order-search-store.ts';
import { withDatabase } from './connections.ts';
import { BadUsage, type CommandContext } from './exit-codes.ts';
import { refuseRepeated } from './given-once.ts';
import { requireId } from './read-id.ts';
import { requireTime } from './read-time.ts';
import { createRows, type RowFormat } from './rows.ts';

const columns = {
  ...{ id: 24, status: 9, version: 7, createdAt: 24, expiresAt: 24, userId: 24, ticketId: 24 },
  ...{ price: 8, title: 0 },
};

/** Lists orders, newest first, as they are read. Resolves with the exit code: 1 when one cannot be read, which is named. */
export async function listOrders(context: CommandContext, args: string[]): Promise<number> {
  const { out, problems, signal } = context;
  const { wanted, format } = readListArguments(args);
  const rows = createRows(out, format, columns);
  return withDatabase(context, async (database) => {
    let exitCode = 0;
    await rows.head();
    for await (const order of createOrderSearchStore(orderModel(database)).search(wanted)) {
      signal.throwIfAborted();
      if (!('problem' in order)) {
        const { ticket, createdAt, expiresAt, ...facts } = order;
        const times = { createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
        await rows.row({ ...facts, ...times, price: ticket.price, title: ticket.title });
      } else {
        await problems.line(`order ${order.id} cannot be read: ${order.problem}`);
        exitCode = 1;
      }
    }
    return exitCode;
  });
}

/** @throws BadUsage, or an error of the parser, that names what is wrong and what would be right */
export function readListArguments(args: string[]): { wanted: OrderSearch; format: RowFormat } {
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
  if (values.json && values.csv) throw new BadUsage('--json and --csv are two forms: give one of them');
  if (user === '') throw new BadUsage('--user must have the id of a user');
  return {
    wanted: {
      ...(user !== undefined && { userId: user }),
      ...(ticket !== undefined && { ticketId: requireId(ticket, '--ticket').toLowerCase() }),
      ...(status !== undefined && { status: requireStatus(status) }),
      ...(since !== undefined && { since: requireTime('--since', since) }),
    },
    format: values.json ? 'json' : values.csv ? 'csv' : 'table',
  };
}

function requireStatus(text: string): OrderStatus {
  const status = orderStatuses.find((one) => one === text);
  if (status) return status;
  throw new BadUsage(`--status ${text} is no status: the statuses are ${orderStatuses.join(', ')}`);
}
