import { untilAborted } from '../../platform/time/until-aborted.ts';
import type { Receive } from '../broker.ts';
import { type ConnectionOptions, openConnection, reasonOf } from './connection.ts';
import { replaySince } from './replay.ts';
import { subscribeDurably } from './subscription.ts';

export interface SessionOptions extends ConnectionOptions {
  /** The group that shares the messages; its durable has the same name. */
  queueGroup: string;
}

interface SubscriptionListeners {
  onSubscribed(): void;
  /** Called with each refusal; the request is sent again. */
  onRefused(reason: string): void;
}

/** Publishing and subscriptions over one connection. */
export interface Session {
  publish(subject: string, message: string): Promise<void>;
  subscribe(subject: string, receive: Receive, listeners: SubscriptionListeners): void;
  /** As `Broker.replaySince`. */
  replaySince(subject: string, since: Date, receive: Receive, signal?: AbortSignal): Promise<number>;
  /** Resolves when what is in flight is handled and acknowledged, or when `finish` aborts. */
  stopReceiving(finish?: AbortSignal): Promise<void>;
  /** Resolves when the connection is gone, with the reason. */
  ended: Promise<string>;
  /** Ends the connection at once. */
  end(reason: unknown): void;
  close(finish?: AbortSignal): Promise<void>;
}

/**
 * Maximum of events without an acknowledgement. The library does not enforce it. The relay has fewer in flight, and all
 * other callers send one event at a time.
 */
const maxUnacknowledged = 1_024;

/**
 * Opens a session on a new connection.
 *
 * @throws when the server cannot be reached within 5 s, or refuses the client id because it is in use
 */
export async function openSession(
  { queueGroup, ...options }: SessionOptions,
  signal: AbortSignal,
): Promise<Session> {
  const connection = await openConnection(options, signal);
  const subscriptions: { stop(): Promise<void> }[] = [];
  let unacknowledged = 0;
  let closing = false;

  function send(subject: string, message: string): Promise<void> {
    return new Promise((resolve, reject) => {
      connection.stan.publish(subject, message, (error) =>
        // When a connection closes, the library first calls back without an error, as if the broker had the message, and
        // emits the end later in the same event loop iteration. So the check comes after it.
        queueMicrotask(() => {
          if (error || !connection.isOpen())
            reject(new Error(`not acknowledged by the broker: ${reasonOf(error ?? 'closed')}`));
          else resolve();
        }),
      );
    });
  }

  return {
    ended: connection.ended,
    end: connection.end,

    async publish(subject, message) {
      if (closing || !connection.isOpen()) throw new Error('the connection to the broker has ended');
      if (unacknowledged >= maxUnacknowledged)
        throw new Error(`${unacknowledged} messages are not acknowledged by the broker yet`);
      unacknowledged++;
      try {
        await send(subject, message);
      } finally {
        unacknowledged--;
      }
    },

    subscribe(subject, receive, listeners) {
      subscriptions.push(subscribeDurably({ connection, subject, queueGroup, receive, ...listeners }));
    },

    replaySince: (subject, since, receive, signal) =>
      replaySince({ connection, subject }, since, receive, signal),

    async stopReceiving(finish) {
      const stopped = Promise.all(subscriptions.map((subscription) => subscription.stop()));
      await untilAborted(stopped, finish);
    },

    async close(finish) {
      closing = true;
      await connection.close(finish);
    },
  };
}
