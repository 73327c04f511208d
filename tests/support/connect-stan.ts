import { randomUUID } from 'node:crypto';
import nats, { type Message, type Stan } from 'node-nats-streaming';
import { parseJson } from '../../dev/stand-ins/parse-json.ts';
import type { NatsStreamingConfig } from '../../src/broker-config.ts';
import { atEnd } from './at-end.ts';

/** A plain connection to the broker, as other services have. It ends with the test file. */
export async function connectStan({
  clusterId,
  url,
}: Pick<NatsStreamingConfig, 'clusterId' | 'url'>): Promise<Stan> {
  const stan = await new Promise<Stan>((resolve, reject) => {
    const connecting = nats.connect(clusterId, `peer-${randomUUID().slice(0, 8)}`, {
      url,
      stanEncoding: 'binary',
      // The library's own 20 s. While the broker is away it lets a closed client's pause run out, which keeps jest from ending.
      reconnectTimeWait: 100,
      maxReconnectAttempts: 200,
    });
    connecting.once('connect', () => resolve(connecting));
    connecting.once('error', reject);
  });
  atEnd(
    () =>
      new Promise<void>((resolve) => {
        stan.once('close', () => resolve());
        stan.close();
      }),
  );
  return stan;
}

export interface SeenEvent {
  subject: string;
  sequence: number;
  /** When the broker took the event, by its own clock, in milliseconds. */
  at: number;
  data: Record<string, unknown>;
}

/** Adds the subject's messages to `seen`: those from now on, or all that there ever were; one that is no JSON has no data. */
export function watchSubject(
  stan: Stan,
  subject: string,
  { sees, seen }: { sees: 'new' | 'all'; seen: SeenEvent[] },
): Promise<void> {
  const options = stan.subscriptionOptions();
  const subscription = stan.subscribe(subject, sees === 'all' ? options.setDeliverAllAvailable() : options);
  subscription.on('message', (message: Message) => {
    const data = (parseJson(message.getRawData()) ?? {}) as Record<string, unknown>;
    const at = Number(message.getTimestampRaw()) / 1e6;
    seen.push({ subject, sequence: message.getSequence(), at, data });
  });
  return new Promise((resolve) => subscription.once('ready', () => resolve()));
}
