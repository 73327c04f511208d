import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pino from 'pino';
import { parseJson } from '../../dev/stand-ins/parse-json.ts';
import { brokerStreams } from '../../src/broker-streams.ts';
import { createStreams } from '../../src/messaging/jetstream/streams.ts';
import { atEnd } from './at-end.ts';
import type { SeenEvent } from './connect-stan.ts';

interface JetStreamPeer {
  seen: SeenEvent[];
  publishRaw(subject: string, message: Buffer): Promise<void>;
}

/**
 * A plain connection to JetStream, as other services have, which ends with the test file. It sees what the stream of these
 * subjects has stored; one that is missing is created as by the service.
 */
export async function connectJetStreamPeer(
  { servers }: { servers: string[] },
  { subjects, sees }: { subjects: string[]; sees: 'new' | 'all' },
): Promise<JetStreamPeer> {
  const connection = await connect({ servers });
  atEnd(() => connection.close());
  const manager = await jetstreamManager(connection);
  const client = jetstream(connection);
  const log = pino({ level: 'silent' });
  await createStreams({ manager, wanted: brokerStreams, replicas: 1, log }).check();
  const [stream = ''] = await manager.streams.names(subjects[0]).next();
  const info = await manager.consumers.add(stream, {
    ...{ filter_subjects: subjects, ack_policy: AckPolicy.None },
    deliver_policy: sees === 'all' ? DeliverPolicy.All : DeliverPolicy.New,
  });
  const seen: SeenEvent[] = [];
  await client.consumers.getConsumerFromInfo(info).consume({
    callback({ subject, seq: sequence, data, timestampNanos }) {
      const event = (parseJson(Buffer.from(data)) ?? {}) as Record<string, unknown>;
      seen.push({ subject, sequence, at: Number(timestampNanos) / 1e6, data: event });
    },
  });
  return {
    seen,
    async publishRaw(subject, message) {
      await client.publish(subject, message);
    },
  };
}
