import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { Broker, Delivery, Disposition } from '../../src/messaging/broker.ts';
import { connectNatsStreaming } from '../../src/messaging/nats-streaming/nats-streaming.ts';
import { atEnd } from './at-end.ts';
import { eventually } from './eventually.ts';
import type { OwnBroker } from './own-broker.ts';

/** The server takes a client for dead only when it has not answered for a while. */
export const patient = { withinMs: 40_000 };

/** The service's connection to a broker, without the service. */
export interface NatsClient {
  broker: Broker;
  /** The messages of the log, with their reasons. */
  log(): { msg: string; subject?: string; reason?: string }[];
}

/** Connects to the broker, at `url` if there is something in between, and closes at the end of the test file. */
export function connectNatsClient(
  nats: Pick<OwnBroker, 'url' | 'clusterId'>,
  { url = nats.url, group = `group-${randomUUID()}` } = {},
): NatsClient {
  const lines: ReturnType<NatsClient['log']> = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const clientId = `client-${randomUUID()}`;
  const { clusterId } = nats;
  const broker = connectNatsStreaming({ url, clusterId, clientId, queueGroup: group, log });
  atEnd(() => broker.close());
  return { broker, log: () => lines };
}

/** Subscribes with the same answer to every message; resolves once the broker has taken the subscription. */
export async function collect(
  { broker }: NatsClient,
  subject: string,
  answer: (text: string, delivery: Delivery) => Promise<Disposition> = async () => 'acknowledge',
): Promise<string[]> {
  const got: string[] = [];
  broker.subscribe(subject, (delivery) => {
    const text = Buffer.from(delivery.data).toString();
    got.push(text);
    return answer(text, delivery);
  });
  await eventually(() => broker.subscribedSince(subject) !== undefined, patient);
  return got;
}
