import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import nats, { type Message, type Stan, type SubscriptionOptions } from 'node-nats-streaming';
import type { NatsStreamingAddress } from '../../../dev/embedded/embedded-server.ts';
import type { SeenMessage } from './history.ts';

/** A channel that delivers nothing for this long is taken for empty. */
const emptyAfterMs = 3_000;
const replayWithinMs = 60_000;

/** As `replayChannels`, on NATS Streaming: each channel up to the last message that it has now. */
export async function replayNatsStreaming(
  broker: NatsStreamingAddress,
  subjects: readonly string[],
): Promise<SeenMessage[]> {
  const stan = await connect(broker);
  try {
    const channels = await Promise.all(subjects.map((subject) => replay(stan, subject)));
    return channels.flat();
  } finally {
    await new Promise<void>((resolve) => {
      stan.once('close', () => resolve());
      stan.close();
    });
  }
}

function connect({ url, clusterId }: NatsStreamingAddress): Promise<Stan> {
  return new Promise((resolve, reject) => {
    const stan = nats.connect(clusterId, `observer-${randomUUID().slice(0, 8)}`, {
      url,
      stanEncoding: 'binary',
    });
    stan.once('connect', () => resolve(stan));
    stan.on('error', (error: unknown) => reject(new Error(String(error))));
  });
}

async function replay(stan: Stan, subject: string): Promise<SeenMessage[]> {
  const last = await lastSequence(stan, subject);
  const seen = new Map<number, SeenMessage>();
  if (last === 0) return [];
  const subscription = listen(
    stan,
    subject,
    stan.subscriptionOptions().setDeliverAllAvailable(),
    (message) => {
      seen.set(message.sequence, message);
    },
  );
  const deadline = Date.now() + replayWithinMs;
  while (!seen.has(last)) {
    if (Date.now() > deadline) throw new Error(`${subject} has ${last} messages, only ${seen.size} came`);
    await delay(20);
  }
  subscription.unsubscribe();
  return [...seen.values()].filter(({ sequence }) => sequence <= last);
}

async function lastSequence(stan: Stan, subject: string): Promise<number> {
  let last = 0;
  const subscription = listen(
    stan,
    subject,
    stan.subscriptionOptions().setStartWithLastReceived(),
    ({ sequence }) => {
      last = Math.max(last, sequence);
    },
  );
  const deadline = Date.now() + emptyAfterMs;
  while (last === 0 && Date.now() < deadline) await delay(20);
  subscription.unsubscribe();
  return last;
}

function listen(
  stan: Stan,
  subject: string,
  options: SubscriptionOptions,
  see: (message: SeenMessage) => void,
) {
  const subscription = stan.subscribe(subject, options);
  subscription.on('message', (message: Message) => {
    see({
      subject,
      sequence: message.getSequence(),
      // As a number it is exact to some hundred nanoseconds, less than a publish with its acknowledgement takes.
      timestamp: String(message.getTimestampRaw()),
      text: message.getRawData().toString('utf8'),
    });
  });
  return subscription;
}
