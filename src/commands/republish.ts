import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readBrokerConfig, readDatabaseConfig } from '../config.ts';
import { queueGroup } from '../messaging/broker.ts';
import { openSession } from '../messaging/nats-streaming/session.ts';
import type { OrderEvent } from '../orders/domain/order-events.ts';
import { rebuildEvents } from '../orders/domain/rebuild-events.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { createOrderStore } from '../orders/store/order-store.ts';
import type { StoredPast } from '../orders/store/past-order-store.ts';
import { leaveToSweep } from '../outbox/outbox-notifier.ts';
import { connectDatabase } from '../platform/mongo/connect.ts';
import { systemClock } from '../platform/time/clock.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';
import type { Output } from './output.ts';
import { readSince } from './read-time.ts';
import { BadUsage, type CommandContext, runCommand } from './run-command.ts';

const usage = `usage: republish --since <time> [--order <id>]
  sends the events since a time (with its zone, such as 2030-01-31T12:00:00Z) once more, from the orders' history:
  for a broker that has lost its store. Peers must drop the eventIds that they know. Exits with 1 when there is an order
  whose events cannot be made; it is named, and the others are sent.`;

/** Sends past events again, those of one order in their order. Resolves with the exit code. */
async function main({ args, out, problems, log }: CommandContext): Promise<number> {
  const { since, orderId } = readArguments(args);
  const { mongoUri } = readDatabaseConfig(process.env);
  const { url, clusterId } = readBrokerConfig(process.env);
  const database = await connectDatabase(mongoUri, { deadlineMs: 5_000, operations: 'unbounded', log });
  try {
    // The service's own client id is in use while the service runs.
    const clientId = `republish-${randomUUID()}`;
    const session = await openSession({ url, clusterId, clientId, queueGroup }, new AbortController().signal);
    try {
      const orders = createOrderStore(orderModel(database), ticketModel(database), leaveToSweep(systemClock));
      let sent = 0;
      let failed = 0;
      for await (const past of orders.changedSince(since, orderId)) {
        const events = await eventsOf(past, since, problems);
        if (!events) failed++;
        for (const { subject, data } of events ?? []) {
          await session.publish(subject, JSON.stringify(data));
          sent++;
        }
      }
      await out.line(`${sent} events sent again`);
      return failed > 0 ? 1 : 0;
    } finally {
      await session.close();
    }
  } finally {
    await database.close();
  }
}

/** The events to send; undefined, and a line that names the order, when they cannot be made. The others are sent. */
async function eventsOf(
  { id, read }: StoredPast,
  since: Date,
  problems: Output,
): Promise<OrderEvent[] | undefined> {
  try {
    return rebuildEvents(read(), since);
  } catch (error) {
    await problems.line(`order ${id}: its events cannot be made again: ${(error as Error).message}`);
    return undefined;
  }
}

function readArguments(args: string[]): { since: Date; orderId?: string } {
  const { values } = parseArgs({ args, options: { since: { type: 'string' }, order: { type: 'string' } } });
  const since = readSince(values.since);
  if (values.order === undefined) return { since };
  if (!/^[0-9a-fA-F]{24}$/.test(values.order)) {
    throw new BadUsage(`--order ${values.order} is not an id: ids have 24 hexadecimal digits`);
  }
  return { since, orderId: values.order };
}

runCommand(main, usage);
