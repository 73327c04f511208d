import type { Logger } from 'pino';
import { repeat } from '../../platform/time/repeat.ts';
import { untilAborted } from '../../platform/time/until-aborted.ts';
import { publishTimeoutMs } from '../broker.ts';
import { reasonOf } from '../connection-end.ts';
import type { Session } from '../session.ts';
import { readBacklog } from './backlog.ts';
import { type JetStreamAddress, openConnection } from './connection.ts';
import { toMessageId } from './message-id.ts';
import { replaySince } from './replay.ts';
import { createStreams, type WantedStream } from './streams.ts';
import { type JetStreamSubscription, subscribeDurably } from './subscription.ts';

export interface SessionOptions extends JetStreamAddress {
  /** The group that shares the messages; its durables have names that begin with it. */
  queueGroup: string;
  streams: readonly WantedStream[];
  /** On how many servers each message is stored. */
  replicas: number;
  log: Logger;
}

const checkEveryMs = 30_000;
/** How long a response to the request to close is waited for. */
const closeWithinMs = 5_000;

/**
 * Opens a session on a new connection, and creates the streams that are missing. A server that cannot do that now does not
 * hinder it: publishes and subscriptions fail until it can.
 *
 * @throws when no server can be reached within 5 s, or it refuses the login
 */
export async function openSession(options: SessionOptions, signal: AbortSignal): Promise<Session> {
  const { queueGroup, replicas, log } = options;
  const connection = await openConnection(options, signal);
  const { manager, client } = connection;
  const streams = createStreams({ manager, wanted: options.streams, replicas, log });
  const subscriptions: JetStreamSubscription[] = [];
  let closing = false;
  // A failure is reported by the first pass of the loop.
  await untilAborted(Promise.race([streams.check().catch(() => undefined), connection.ended]), signal);
  if (signal.aborted) {
    connection.end('given up');
    throw new Error('given up');
  }
  const check = async () => {
    await streams.check();
    await Promise.all(subscriptions.map((subscription) => subscription.check()));
  };
  const checking = repeat('streams', checkEveryMs, check, log);
  void connection.ended.then(() => checking.stop());

  function toPublishError(error: unknown): Error {
    const isUntaken = error instanceof Error && error.name === 'JetStreamNotEnabled';
    if (isUntaken) checking.wake();
    // The client says "jetstream is not enabled" of both.
    const reason = isUntaken ? 'no stream takes the subject, or the cluster has no leader' : reasonOf(error);
    return new Error(`not acknowledged by the broker: ${reason}`);
  }

  return {
    ended: connection.ended,
    end: connection.end,

    async publish(subject, message, messageId) {
      if (closing || !connection.isOpen()) throw new Error('the connection to the broker has ended');
      const msgID = toMessageId(messageId ?? crypto.randomUUID());
      const { duplicate } = await client
        .publish(subject, message, { msgID, timeout: publishTimeoutMs })
        .catch((error: unknown) => {
          throw toPublishError(error);
        });
      if (duplicate && messageId === undefined)
        throw new Error('not stored by the broker: it has a message with this id');
    },

    subscribe(subject, receive, listeners) {
      const deps = { connection, streams, subject, queueGroup, receive, listeners, log };
      subscriptions.push(subscribeDurably(deps));
    },

    async replaySince(subject, since, receive, signal) {
      const stream = await streams.find(subject);
      return replaySince({ connection, stream, subject }, since, receive, signal);
    },

    problems: () => [...streams.problems(), ...subscriptions.flatMap(({ problems }) => problems())],

    readBacklog() {
      const subscribed = subscriptions.flatMap(({ subject, stream }) => {
        const name = stream();
        return name === undefined ? [] : [{ subject, stream: name }];
      });
      return readBacklog({
        ...{ connection, streams: streams.names(), subscriptions: subscribed, queueGroup },
      });
    },

    async stopReceiving(finish) {
      const stopped = Promise.all(subscriptions.map((subscription) => subscription.stop()));
      await untilAborted(stopped, finish);
    },

    async close(finish = AbortSignal.timeout(closeWithinMs)) {
      closing = true;
      // What was written last are acknowledgements. The connection may end before they are flushed.
      const flushed = connection.isOpen() ? connection.flush().catch(() => undefined) : Promise.resolve();
      await untilAborted(flushed, finish);
      connection.end('closed');
      await checking.stop();
    },
  };
}
