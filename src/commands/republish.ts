import { parseArgs } from 'node:util';
import { readBrokerConfig, readEventConfig } from '../config.ts';
import type { Broker } from '../messaging/broker.ts';
import type { OrderEvent } from '../orders/domain/order-events.ts';
import { rebuildEvents } from '../orders/domain/rebuild-events.ts';
import { eventDataBy } from '../orders/domain/status-names.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { createOrderStore, type OrderStore } from '../orders/store/order-store.ts';
import type { StoredPast } from '../orders/store/past-order-store.ts';
import { leaveToSweep } from '../outbox/outbox-notifier.ts';
import { systemClock } from '../platform/time/clock.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';
import { withBroker, withDatabase } from './connections.ts';
import { BadUsage, type CommandContext, runAndExit } from './exit-codes.ts';
import type { Output } from './output.ts';
import { readSince } from './read-time.ts';

const usage = `usage: republish --since <time> [--order <id>]
  sends the events since a time (with its zone, such as 2030-01-31T12:00:00Z) once more, from the orders' history:
  for a broker that has lost its store. Peers must drop the eventIds that they know. Exits with 1 when there is an order
  whose events cannot be made; it is named, and the others are sent.`;

/** Sends past events again, those of one order in their order. Resolves with the exit code. */
async function main(context: CommandContext): Promise<number> {
  const { args, out } = context;
  const wanted = readArguments(args);
  const nats = readBrokerConfig(process.env);
  const toData = eventDataBy(readEventConfig(process.env).statusNames);
  const count = await withDatabase(context, (database) => {
    const orders = createOrderStore(orderModel(database), ticketModel(database), leaveToSweep(systemClock));
    const connection = { ...context, nats, command: 'republish' };
    return withBroker(connection, (broker) => sendAgain({ ...context, orders, broker, toData }, wanted));
  });
  await out.line(`${count.sent} events sent again`);
  return count.failed > 0 ? 1 : 0;
}

interface RepublishDeps extends Pick<CommandContext, 'problems' | 'signal'> {
  orders: Pick<OrderStore, 'changedSince'>;
  broker: Pick<Broker, 'publish'>;
  /** What is published as an event's data. */
  toData: (event: OrderEvent) => object;
}

/** Resolves with the number of events that were sent, and of orders whose events cannot be made. */
async function sendAgain(
  { orders, broker, toData, problems, signal }: RepublishDeps,
  { since, orderId }: Wanted,
): Promise<{ sent: number; failed: number }> {
  const count = { sent: 0, failed: 0 };
  for await (const past of orders.changedSince(since, orderId)) {
    signal.throwIfAborted();
    const events = await eventsOf(past, since, problems);
    if (!events) count.failed++;
    for (const event of events ?? []) {
      await broker.publish(event.subject, JSON.stringify(toData(event)));
      count.sent++;
    }
  }
  return count;
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

interface Wanted {
  since: Date;
  orderId?: string;
}

function readArguments(args: string[]): Wanted {
  const { values } = parseArgs({ args, options: { since: { type: 'string' }, order: { type: 'string' } } });
  const since = readSince(values.since);
  if (values.order === undefined) return { since };
  if (!/^[0-9a-fA-F]{24}$/.test(values.order)) {
    throw new BadUsage(`--order ${values.order} is not an id: ids have 24 hexadecimal digits`);
  }
  return { since, orderId: values.order };
}

runAndExit(main, usage);
