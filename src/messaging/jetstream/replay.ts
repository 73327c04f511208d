import { AckPolicy, type Consumer, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { ackWaitMs, type Receive } from '../broker.ts';
import type { JetStreamConnection } from './connection.ts';
import { toDelivery } from './delivery.ts';

/** The server removes the consumer of a replay that has ended without removing it. */
const abandonedAfterMs = 5 * 60 * 1_000;
/** How long a request for the next message waits for it. */
const nextWithinMs = 2_000;

interface Source {
  connection: JetStreamConnection;
  stream: string;
  subject: string;
}

/** Implements `replaySince` of broker.ts, by a consumer of its own: the position of the service's durable stays. */
export async function replaySince(
  source: Source,
  since: Date,
  receive: Receive,
  signal?: AbortSignal,
): Promise<number> {
  const { connection, stream, subject } = source;
  const { manager } = connection;
  const last = await manager.streams.getMessage(stream, { last_by_subj: subject });
  if (!last || last.time < since) return 0;
  const info = await manager.consumers.add(stream, {
    filter_subject: subject,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: since.toISOString(),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: 1,
    inactive_threshold: nanos(abandonedAfterMs),
  });
  const consumer = connection.client.consumers.getConsumerFromInfo(info);
  try {
    return await replayUpTo(last.seq, { consumer, receive, signal });
  } finally {
    // It is removed later where the connection has ended.
    if (connection.isOpen()) await consumer.delete().catch(() => undefined);
  }
}

interface Replay {
  consumer: Consumer;
  receive: Receive;
  signal: AbortSignal | undefined;
}

async function replayUpTo(lastSequence: number, replay: Replay): Promise<number> {
  const { consumer, receive, signal } = replay;
  let acknowledged = 0;
  while (!signal?.aborted) {
    const message = await consumer.next({ expires: nextWithinMs });
    if (message === null) {
      // None has come for a while, or the connection has ended: then this throws.
      const { num_pending, num_ack_pending } = await consumer.info();
      // The last message was removed meanwhile.
      if (num_pending + num_ack_pending === 0) return acknowledged;
    } else if (message.seq > lastSequence) {
      return acknowledged;
    } else if ((await receive(toDelivery(message))) === 'acknowledge') {
      await message.ackAck();
      acknowledged++;
      if (message.seq === lastSequence) return acknowledged;
    }
  }
  return acknowledged;
}
