import { setTimeout as delay } from 'node:timers/promises';
import { AckPolicy, type Consumer, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, nanos } from '@nats-io/transport-node';

/** What listen.ts does, on JetStream. docs/peers.md says why each part is there. */

/** @param servers the URLs of one cluster's servers, without a login */
export function connectToJetStream(servers: string[]): Promise<NatsConnection> {
  return connect({
    servers,
    name: 'tickets-service',
    // For ever, from the start on.
    ...{ waitOnFirstConnect: true, maxReconnectAttempts: -1 },
    // A server that is frozen or cut off is noticed after half a minute, and not after minutes.
    ...{ pingInterval: 10_000, maxPingOut: 2 },
  });
}

export interface JetStreamListener<Data> {
  connection: NatsConnection;
  subject: string;
  /** Named after your service, and the same in all of its processes. The durable's name begins with it. */
  queueGroup: string;
  /**
   * Stores what becomes of the message. When it rejects, the message comes again. `again`: it was delivered before, and
   * this or another process may have ended in the middle of it.
   */
  onMessage: (data: Data, again: boolean) => Promise<void>;
}

/** Longer than you ever need for one message, in milliseconds. */
const ackWaitMs = 30_000;
const retryAfterMs = 5_000;
const maxAtOnce = 16;
const requestMs = 10_000;

/** Receives until the connection is closed. It never rejects: whatever fails is logged and tried again. */
export async function listen<Data>(listener: JetStreamListener<Data>): Promise<void> {
  const { connection, subject, onMessage } = listener;
  while (!connection.isClosed()) {
    try {
      const consumer = await openConsumer(listener);
      while (!connection.isClosed()) await receiveSome(consumer, onMessage);
    } catch (error) {
      if (connection.isClosed()) return;
      // No server, no stream yet, or the durable was deleted: all of them may be there in a moment.
      console.error(`${subject} is asked for again:`, error);
      await delay(1_000);
    }
  }
}

/** The durable, which is made where there is none: from the first message on that the stream has. */
async function openConsumer<Data>(listener: JetStreamListener<Data>): Promise<Consumer> {
  const { connection, subject, queueGroup } = listener;
  const manager = await jetstreamManager(connection);
  const stream = await manager.streams.find(subject);
  // Neither colons nor dots: the one is in every subject, and the server refuses the other.
  const name = `${queueGroup}-${subject}`.replace(/[^\w-]/g, '-');
  await manager.consumers.add(stream, {
    durable_name: name,
    filter_subject: subject,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
  });
  return jetstream(connection).consumers.get(stream, name);
}

/** Asks for as many as are handled at once, so that none waits in this process while its AckWait runs out. */
async function receiveSome<Data>(
  consumer: Consumer,
  onMessage: JetStreamListener<Data>['onMessage'],
): Promise<void> {
  const handling: Promise<void>[] = [];
  for await (const message of await consumer.fetch({ max_messages: maxAtOnce, expires: requestMs }))
    handling.push(handle(message, onMessage));
  await Promise.all(handling);
}

async function handle<Data>(message: JsMsg, onMessage: JetStreamListener<Data>['onMessage']): Promise<void> {
  try {
    const data = parse<Data>(message);
    if (data) await onMessage(data, message.redelivered);
    message.ack();
  } catch (error) {
    console.error(`${message.subject} ${message.seq} comes again:`, error);
    message.nak(retryAfterMs);
  }
}

/** What is no JSON will not be better the next time: it is logged and acknowledged. */
function parse<Data>(message: JsMsg): Data | undefined {
  try {
    return message.json<Data>();
  } catch {
    console.error(`${message.subject} ${message.seq} is no JSON:`, message.string());
    return undefined;
  }
}

/**
 * Resolves once the stream has stored the event. Send it again where it has not been stored: with the same id the stream
 * keeps it once, when both come within two minutes.
 *
 * @param id the same with each attempt, without blanks: of a ticket `<id>:<version>`, of a payment its id
 */
export async function publish(
  connection: NatsConnection,
  subject: string,
  data: object,
  id: string,
): Promise<void> {
  await jetstream(connection).publish(subject, JSON.stringify(data), { msgID: id });
}
