import type { History } from './history.ts';
import { isAskedFor } from './stored-orders.ts';

/** An event of an order as the broker has it. */
export interface SeenEvent {
  eventId: string;
  subject: string;
  /** The server's time in nanoseconds. */
  timestamp: bigint;
  data: Record<string, unknown>;
}

const nanosecondsPerMillisecond = 1_000_000n;

/** All events of orders, the oldest first, duplicates included. */
export function orderEvents({ messages }: Pick<History, 'messages'>): SeenEvent[] {
  return messages
    .filter(({ subject }) => subject.startsWith('order:'))
    .map(({ subject, timestamp, text }) => {
      const data = JSON.parse(text) as Record<string, unknown>;
      return { eventId: String(data['eventId']), subject, timestamp: BigInt(timestamp), data };
    })
    .sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
}

/** The first sight of each event, by its id. */
export function firstSights(events: SeenEvent[]): Map<string, SeenEvent> {
  const first = new Map<string, SeenEvent>();
  for (const event of events) if (!first.has(event.eventId)) first.set(event.eventId, event);
  return first;
}

/** When each change was made whose event has to come, by the event's id, in milliseconds. */
export function changeTimes({ orders }: Pick<History, 'orders'>): Map<string, number> {
  return new Map(
    orders.flatMap(({ id, history, payments, extensions = [] }) => [
      ...history.map(({ version, at }) => [`${id}:${version}`, at] as const),
      ...extensions.map(({ n, at }) => [`${id}:extension:${n}`, at] as const),
      ...payments
        .filter(isAskedFor)
        .map((payment) => [`${id}:refund:${payment.id}`, payment.refundDueAt ?? payment.at] as const),
    ]),
  );
}

/** An event's id begins with its order's. */
export function orderIdOf({ eventId }: SeenEvent): string {
  return eventId.split(':', 1)[0] ?? eventId;
}

export function milliseconds(timestamp: bigint): number {
  return Number(timestamp / nanosecondsPerMillisecond);
}

/** What the messages of a subject say; malformed ones are left out. */
export function dataOf<Data>(
  { messages, poison }: Pick<History, 'messages' | 'poison'>,
  subject: string,
): { at: number; data: Data }[] {
  const bad = new Set(poison.filter((one) => one.subject === subject).map(({ text }) => text));
  return messages
    .filter((message) => message.subject === subject && !bad.has(message.text))
    .map(({ timestamp, text }) => ({
      at: milliseconds(BigInt(timestamp)),
      data: JSON.parse(text) as Data,
    }));
}
