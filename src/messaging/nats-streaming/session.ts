import { untilAborted } from '../../platform/time/until-aborted.ts';
import { reasonOf } from '../connection-end.ts';
import type { Session } from '../session.ts';
import { type ConnectionOptions, openConnection } from './connection.ts';
import { replaySince } from './replay.ts';
import { subscribeDurably } from './subscription.ts';

export interface SessionOptions extends ConnectionOptions {
  /** The group that shares the messages; its durable has the same name. */
  queueGroup: string;
}

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
      await send(subject, message);
    },

    subscribe(subject, receive, listeners) {
      subscriptions.push(subscribeDurably({ connection, subject, queueGroup, receive, ...listeners }));
    },

    replaySince: (subject, since, receive, signal) =>
      replaySince({ connection, subject }, since, receive, signal),

    problems: () => [],
    // The server's monitoring port reports it.
    readBacklog: () => Promise.resolve(undefined),

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
