import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import type { BrokerAddress } from '../../dev/embedded/embedded-server.ts';
import type { Poison, SeenMessage } from './history/history.ts';
import { dataOf } from './history/order-events.ts';
import { seenPayments, seenRefunds } from './history/payments.ts';
import { incomingSubjects, replayChannels } from './history/replay-channels.ts';
import { takeSnapshot } from './history/snapshot.ts';

export interface IdleDeps {
  broker: BrokerAddress;
  mongoUri: string;
  poison: Poison[];
}

/**
 * A message that a dead or frozen process was handling is delivered again after 30 s. A gap in a ticket's versions closes when
 * a process has had its subscriptions for three such times, which may begin 30 s after a fault, when a lost broker is
 * noticed; the rest is for a slow machine. Only a round that has something left waits for so long.
 */
const idleWithinMs = 240_000;
const pollMs = 1_000;

type Database = mongoose.mongo.Db;
type Counts = Record<string, number>;

/**
 * Waits until the service has dealt with everything: no hold, no kept hold, no unsent event, no gap, and every message that came in
 * is accounted for. Resolves with what is still open after four minutes: the rules then say what is wrong.
 */
export async function untilIdle(parts: IdleDeps, signal: AbortSignal): Promise<string[]> {
  const messages = await replayChannels(parts.broker, incomingSubjects);
  const client = await mongoose.mongo.MongoClient.connect(parts.mongoUri);
  const deadline = Date.now() + idleWithinMs;
  try {
    for (;;) {
      const found = open(await quickCounts(client.db()));
      const left = found.length > 0 ? found : open(await thoroughCounts(parts, messages));
      if (left.length === 0 || Date.now() > deadline || signal.aborted) return left;
      await delay(pollMs);
    }
  } finally {
    await client.close();
  }
}

/** Counts by indexes alone: reading everything each second would slow down the work that is waited for. */
async function quickCounts(database: Database): Promise<Counts> {
  const any = { $gt: new Date(0) };
  const orders = database.collection('orders');
  return {
    'pending orders': await orders.countDocuments({ status: 'pending', expiresAt: any }),
    // A range of statuses, as in the index of kept holds.
    'kept holds': await orders.countDocuments({
      ...{ holdsTicket: true, status: { $lte: 'expired' } },
      keptUntil: any,
    }),
    'orders with unsent events': await orders.countDocuments({ relayDueAt: any }),
    'parked updates': await database.collection('parked_ticket_updates').estimatedDocumentCount(),
  };
}

async function thoroughCounts({ mongoUri, poison }: IdleDeps, messages: SeenMessage[]): Promise<Counts> {
  const { orders, tickets, deadLetters } = await takeSnapshot(mongoUri);
  const versions = new Map(tickets.map(({ id, version }) => [id, version]));
  const settled = new Set(orders.flatMap(({ payments }) => payments.map(({ id }) => id)));
  const completed = new Set(
    orders.flatMap(({ id, payments }) =>
      payments
        .filter(({ refundCompletedAt }) => refundCompletedAt !== undefined)
        .map((payment) => `${id} ${payment.id}`),
    ),
  );
  const eventsOf = <Data>(subject: string) =>
    dataOf<Data>({ messages, poison }, subject).map(({ data }) => data);
  const ticketEvents = ['ticket:created', 'ticket:updated'].flatMap((subject) =>
    eventsOf<{ id: string; version: number }>(subject),
  );
  const bad = new Set(poison.map(({ subject, text }) => `${subject} ${text}`));
  return {
    'kept holds': orders.filter(
      ({ holdsTicket, status }) => holdsTicket && status !== 'pending' && status !== 'paid',
    ).length,
    'unapplied updates': ticketEvents.filter(({ id, version }) => (versions.get(id) ?? -1) < version).length,
    'unsettled payments': seenPayments({ messages, poison }).filter(({ id }) => !settled.has(id)).length,
    'refunds to be recorded': seenRefunds({ messages, poison }).filter(
      ({ orderId, paymentId }) => !completed.has(`${orderId} ${paymentId}`),
    ).length,
    'messages to be set aside':
      messages.filter(({ subject, text }) => bad.has(`${subject} ${text}`)).length - deadLetters.length,
  };
}

function open(counts: Counts): string[] {
  return Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
}
