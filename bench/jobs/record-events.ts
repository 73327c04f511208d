import { randomUUID } from 'node:crypto';
import nats, { type Message, type Stan } from 'node-nats-streaming';
import type { NatsStreamingAddress } from '../../dev/embedded/embedded-server.ts';
import { waitUntil } from '../../dev/wait-until.ts';
import { now } from './send-order-chains.ts';

const timeoutMs = 60_000;
const subjects = ['order:created', 'order:cancelled'];

/** An event and the time of its arrival (milliseconds since 1970). */
export type RecordedEvent = [eventId: string, at: number];

let recorded: RecordedEvent[] = [];
let subscribed: { url: string; stan: Stan } | undefined;

/** Starts a new recording of all events that arrive from now on. */
export async function recordEvents({ url, clusterId }: NatsStreamingAddress): Promise<undefined> {
  recorded = [];
  if (subscribed?.url === url) return undefined;
  subscribed?.stan.close();
  const stan = nats.connect(clusterId, `watch-${randomUUID().slice(0, 8)}`, { url });
  await new Promise((resolve, reject) => stan.once('connect', resolve).once('error', reject));
  subscribed = { url, stan };
  for (const subject of subjects) {
    const subscription = stan.subscribe(subject);
    subscription.on('message', (message: Message) => {
      const { eventId } = JSON.parse(String(message.getData())) as { eventId: string };
      recorded.push([eventId, now()]);
    });
    await new Promise((resolve) => subscription.once('ready', resolve));
  }
  return undefined;
}

/** Resolves with the events in the order of arrival, once `count` different ones are there. @throws after a minute */
export async function recordedEvents({ count }: { count: number }): Promise<RecordedEvent[]> {
  const different = () => new Set(recorded.map(([eventId]) => eventId)).size;
  await waitUntil(() => different() >= count, {
    timeoutMs,
    everyMs: 100,
    onTimeout: () => new Error(`only ${different()} of ${count} events have come`),
  });
  return recorded;
}
