import type { ConsumerInfo, StreamInfo } from '@nats-io/jetstream';
import type { BrokerBacklog, ConsumerLag } from '../broker.ts';
import type { JetStreamConnection } from './connection.ts';
import { durableName } from './durable-consumer.ts';

export interface BacklogSource {
  connection: JetStreamConnection;
  streams: string[];
  /** The subjects that are subscribed to, and their streams. */
  subscriptions: { subject: string; stream: string }[];
  queueGroup: string;
}

/** @throws when the server does not respond */
export async function readBacklog({
  connection: { manager },
  streams,
  subscriptions,
  queueGroup,
}: BacklogSource): Promise<BrokerBacklog> {
  const [streamInfos, consumers] = await Promise.all([
    Promise.all(streams.map((stream) => manager.streams.info(stream))),
    Promise.all(
      subscriptions.map(async ({ subject, stream }) =>
        toLag(subject, await manager.consumers.info(stream, durableName({ queueGroup, subject }))),
      ),
    ),
  ]);
  return { streams: streamInfos.map(toFullness), consumers };
}

function toFullness({ config, state }: StreamInfo): BrokerBacklog['streams'][number] {
  const part = (used: number, bound: number) => (bound > 0 ? used / bound : 0);
  const used = Math.max(part(state.bytes, config.max_bytes), part(state.messages, config.max_msgs));
  return { stream: config.name, used };
}

function toLag(subject: string, info: ConsumerInfo): ConsumerLag {
  const { num_pending, num_ack_pending, num_redelivered } = info;
  return { subject, pending: num_pending, unacknowledged: num_ack_pending, redelivered: num_redelivered };
}
