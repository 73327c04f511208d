import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import nats, { type Message, type Stan } from 'node-nats-streaming';
import { now } from './answers.ts';
import type { BrokerAddress } from './passes.ts';

const withinMs = 60_000;
const subjects = ['order:created', 'order:cancelled'];

/** Events in the order of their arrival, with the time of it (milliseconds since 1970). */
export type Arrivals = [eventId: string, at: number][];

let arrivals: Arrivals = [];
let watched: { url: string; stan: Stan } | undefined;

/** From now on all events that come are noted, those of earlier watches are forgotten. */
export async function watchEvents({ url, clusterId }: BrokerAddress): Promise<undefined> {
  arrivals = [];
  if (watched?.url === url) return undefined;
  watched?.stan.close();
  const stan = nats.connect(clusterId, `watch-${randomUUID().slice(0, 8)}`, { url });
  await new Promise((resolve, reject) => stan.once('connect', resolve).once('error', reject));
  watched = { url, stan };
  for (const subject of subjects) {
    const subscription = stan.subscribe(subject);
    subscription.on('message', (message: Message) => {
      const { eventId } = JSON.parse(String(message.getData())) as { eventId: string };
      arrivals.push([eventId, now()]);
    });
    await new Promise((resolve) => subscription.once('ready', resolve));
  }
  return undefined;
}

/** Resolves with what has come, once there are so many different events. @throws when they have not come after a minute */
export async function arrivedEvents({ count }: { count: number }): Promise<Arrivals> {
  const deadline = Date.now() + withinMs;
  const different = () => new Set(arrivals.map(([eventId]) => eventId)).size;
  while (different() < count) {
    if (Date.now() > deadline) throw new Error(`only ${different()} of ${count} events have come`);
    await delay(100);
  }
  return arrivals;
}
