import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Message } from 'node-nats-streaming';
import { type NatsConnection, openConnection } from '../../src/messaging/nats-streaming/connection.ts';
import { sleep } from '../../src/platform/time/repeat.ts';
import type { NatsStreamingAddress } from '../embedded/embedded-server.ts';

/** An order's event as such services read it, unchecked: what is missing or wrong shows when it is used. */
export interface Content {
  id: string;
  version: number;
  status: string;
  userId: string;
  /** Of `order:created` only, as the price is. */
  expiresAt: string;
  ticket: { id: string; price: number };
}

/** Handles one message. When it throws, the message is not acknowledged. */
type Handle = (content: Content) => Promise<void>;

/** A delivery that was not acknowledged. */
interface FailedDelivery {
  subject: string;
  content: Content;
  error: string;
}

/** A connection to the real broker as the services of the classic marketplaces have it. */
export interface ClassicPeer {
  /**
   * Receives the subject's messages from the first one on, as a durable queue group. Several are handled at a time, those of
   * other subjects, too. A message whose handling fails is not acknowledged: it comes again after `classicAckWaitMs`, for ever.
   */
  listen(subject: string, handle: Handle): void;
  /** Resolves when the broker has stored the message; while it is away, it is sent again and again. */
  publish(subject: string, message: string): Promise<void>;
  isConnected(): boolean;
  /** The latest deliveries that were not acknowledged, oldest first. */
  failed(): readonly FailedDelivery[];
  /** When a message was last delivered or its handling ended, by `performance.now()`. */
  lastActiveAt(): number;
  /** Takes no more messages; resolves when those in hand are done with and the connection is closed. */
  stop(): Promise<void>;
}

/** What these services set. They notice a lost message, or one that they have not acknowledged, after this long. */
export const classicAckWaitMs = 5_000;

const retryEveryMs = 300;
const maxFailed = 1_000;

/** Connects under a name, and again whenever the connection is lost. The queue group is new with every run. */
export function connectClassicPeer(address: NatsStreamingAddress, name: string): ClassicPeer {
  const unique = `${name}-${randomUUID().slice(0, 8)}`;
  const stopping = new AbortController();
  // One listener for each message that waits for the broker.
  setMaxListeners(0, stopping.signal);
  const handlers = new Map<string, Handle>();
  const inHand = new Set<Promise<void>>();
  const failed: FailedDelivery[] = [];
  let lastActiveAt = performance.now();
  let connection: NatsConnection | undefined;

  async function receive(from: NatsConnection, message: Message, handle: Handle): Promise<void> {
    const content = JSON.parse(message.getRawData().toString()) as Content;
    lastActiveAt = performance.now();
    try {
      await handle(content);
      if (from.isOpen()) message.ack();
    } catch (error) {
      failed.push({ subject: message.getSubject(), content, error: String(error) });
      if (failed.length > maxFailed) failed.shift();
    }
    lastActiveAt = performance.now();
  }

  function subscribe(to: NatsConnection, subject: string, handle: Handle): void {
    const options = to.stan
      .subscriptionOptions()
      .setDeliverAllAvailable()
      .setDurableName(unique)
      .setManualAckMode(true)
      .setAckWait(classicAckWaitMs);
    const subscription = to.stan.subscribe(subject, unique, options);
    subscription.on('message', (message: Message) => {
      if (stopping.signal.aborted) return;
      const handling = receive(to, message, handle)
        // Not JSON: such a service ends, is started again, and gets it once more.
        .catch(() => undefined)
        .finally(() => inHand.delete(handling));
      inHand.add(handling);
    });
    for (const event of ['error', 'timeout']) subscription.on(event, to.end);
  }

  async function keepConnected(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const opened = await openConnection({ ...address, clientId: unique }, stopping.signal);
        for (const [subject, handle] of handlers) subscribe(opened, subject, handle);
        connection = opened;
        await opened.ended;
      } catch {
        // The broker is away: the loop tries again.
      }
      connection = undefined;
      await sleep(retryEveryMs, stopping.signal);
    }
  }

  const connecting = keepConnected();

  return {
    listen(subject, handle) {
      handlers.set(subject, handle);
      if (connection?.isOpen()) subscribe(connection, subject, handle);
    },
    async publish(subject, message) {
      while (!stopping.signal.aborted) {
        if (connection?.isOpen() && (await isStored(connection, subject, message))) return;
        // Not by the signal: it would get a listener for each of many messages.
        await sleep(retryEveryMs);
      }
    },
    isConnected: () => connection?.isOpen() === true,
    failed: () => failed,
    lastActiveAt: () => lastActiveAt,
    async stop() {
      stopping.abort();
      await Promise.all(inHand);
      await connection?.close();
      await connecting;
    },
  };
}

/** Sends a message once. Resolves with whether the broker has acknowledged it. */
function isStored(connection: NatsConnection, subject: string, message: string): Promise<boolean> {
  return new Promise((resolve) => {
    connection.stan.publish(subject, message, (error) => {
      // The library calls back without an error when the connection closes, and says so only afterwards.
      queueMicrotask(() => resolve(!error && connection.isOpen()));
    });
  });
}
