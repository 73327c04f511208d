import { setTimeout as delay } from 'node:timers/promises';
import type { Poison, SeenMessage } from './history/history.ts';
import { dataOf } from './history/order-events.ts';
import { incomingSubjects, replayChannels } from './history/replay-channels.ts';
import { takeSnapshot } from './history/snapshot.ts';

export interface QuietParts {
  broker: { url: string; clusterId: string };
  mongoUri: string;
  poison: Poison[];
}

/**
 * A message that a dead or frozen process had in hand comes again after 30 s. A gap in a ticket's versions takes its
 * time-out on top.
 */
const quietWithinMs = 90_000;
const pollMs = 1_000;

/**
 * Waits until the service has dealt with everything: no hold, no unsent event, no gap, and every message that came in
 * is accounted for. Resolves with what is still open after a minute and a half: the rules then say what is wrong.
 */
export async function untilQuiet(parts: QuietParts, signal: AbortSignal): Promise<string[]> {
  const messages = await replayChannels(parts.broker, incomingSubjects);
  const deadline = Date.now() + quietWithinMs;
  for (;;) {
    const open = await stillOpen(parts, messages);
    if (open.length === 0 || Date.now() > deadline || signal.aborted) return open;
    await delay(pollMs);
  }
}

async function stillOpen({ mongoUri, poison }: QuietParts, messages: SeenMessage[]): Promise<string[]> {
  const { orders, tickets, parked, deadLetters } = await takeSnapshot(mongoUri);
  const versions = new Map(tickets.map(({ id, version }) => [id, version]));
  const settled = new Set(orders.flatMap(({ payments }) => payments.map(({ id }) => id)));
  const told = <Data>(subject: string) => dataOf<Data>({ messages, poison }, subject).map(({ data }) => data);
  const news = ['ticket:created', 'ticket:updated'].flatMap((subject) =>
    told<{ id: string; version: number }>(subject),
  );
  const bad = new Set(poison.map(({ subject, text }) => `${subject} ${text}`));
  const counts = {
    'pending orders': orders.filter(({ status }) => status === 'pending').length,
    'orders with unsent events': orders.filter(({ outbox }) => outbox.length > 0).length,
    'parked updates': parked.length,
    'unapplied updates': news.filter(({ id, version }) => (versions.get(id) ?? -1) < version).length,
    'unsettled payments': told<{ id: string }>('payment:created').filter(({ id }) => !settled.has(id)).length,
    'messages to be set aside':
      messages.filter(({ subject, text }) => bad.has(`${subject} ${text}`)).length - deadLetters.length,
  };
  return Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
}
