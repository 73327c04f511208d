import {
  AckPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { JetStreamAddress } from '../../../dev/embedded/embedded-server.ts';
import { grouped } from './grouped.ts';
import type { SeenMessage } from './history.ts';

const replayWithinMs = 60_000;
const batch = { max_messages: 2_000, expires: 5_000 };

interface Api {
  manager: JetStreamManager;
  client: JetStreamClient;
}

/** As `replayChannels`, on JetStream. A subject that no stream takes has no messages. */
export async function replayStreams(
  { url }: JetStreamAddress,
  subjects: readonly string[],
): Promise<SeenMessage[]> {
  const connection = await connect({ servers: url.split(',') });
  try {
    const api = { manager: await jetstreamManager(connection), client: jetstream(connection) };
    const placed = await Promise.all(
      subjects.map(async (subject) => ({
        subject,
        streams: await api.manager.streams.names(subject).next(),
      })),
    );
    const byStream = grouped(
      placed.filter(({ streams }) => streams.length > 0),
      ({ streams }) => String(streams[0]),
    );
    const seen = await Promise.all(
      [...byStream].map(([stream, of]) =>
        replay(
          api,
          stream,
          of.map(({ subject }) => subject),
        ),
      ),
    );
    return seen.flat();
  } finally {
    await connection.close();
  }
}

async function replay({ manager, client }: Api, stream: string, subjects: string[]): Promise<SeenMessage[]> {
  const info = await manager.consumers.add(stream, {
    filter_subjects: subjects,
    ack_policy: AckPolicy.None,
  });
  const consumer = client.consumers.getConsumerFromInfo(info);
  const seen: SeenMessage[] = [];
  const deadline = Date.now() + replayWithinMs;
  while (seen.length < info.num_pending) {
    if (Date.now() > deadline)
      throw new Error(`${stream} has ${info.num_pending} messages, only ${seen.length} came`);
    for await (const message of await consumer.fetch(batch)) {
      seen.push({
        subject: message.subject,
        sequence: message.seq,
        timestamp: String(message.timestampNanos),
        text: Buffer.from(message.data).toString('utf8'),
      });
      if (seen.length === info.num_pending) break;
    }
  }
  await consumer.delete();
  return seen;
}
