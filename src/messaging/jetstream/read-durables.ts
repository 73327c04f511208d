import type { ConsumerInfo, JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { DurableLag } from '../durable-lag.ts';
import { type JetStreamAddress, openConnection } from './connection.ts';

/**
 * Reads what the durables of all streams have not handled yet.
 *
 * @throws when no server can be reached within 5 s, or it refuses the login or the request, or the servers that are there
 *   cannot tell about every stream and durable
 */
export async function readDurables(address: JetStreamAddress, signal: AbortSignal): Promise<DurableLag[]> {
  const connection = await openConnection(address, signal);
  try {
    return await lagsOf(connection.manager);
  } finally {
    connection.end('no longer used');
  }
}

/** Where the client asks the servers for their lists. */
export interface Lists {
  streams: Pick<JetStreamManager['streams'], 'names' | 'list'>;
  consumers: Pick<JetStreamManager['consumers'], 'list'>;
}

/**
 * A cluster answers a request for a list without an error when a server is away: what has no server left is listed with
 * nothing waiting and without a leader, and what does not answer within 4 s is left out (`jsClusteredConsumerListRequest` of
 * nats-server 2.15). The client ignores the field `missing` that names both.
 *
 * @throws when a list is not complete
 */
export async function lagsOf({ streams, consumers }: Lists): Promise<DurableLag[]> {
  const listed = new Map<string, StreamInfo>();
  for await (const info of streams.list()) listed.set(info.config.name, info);
  for await (const name of streams.names()) if (!listed.has(name)) throw incomplete(`stream ${name}`);
  const lags: DurableLag[] = [];
  for (const stream of listed.values()) {
    requireLeader(stream, `stream ${stream.config.name}`);
    for (const info of await completeList(stream, consumers)) {
      if (info.config.durable_name !== undefined) lags.push(toLag(info, stream));
    }
  }
  return lags;
}

async function completeList(
  { config, state }: StreamInfo,
  consumers: Lists['consumers'],
): Promise<Iterable<ConsumerInfo>> {
  // The next page begins after as many as were listed: where one was left out, it has some of the last page again.
  const listed = new Map<string, ConsumerInfo>();
  for await (const info of consumers.list(config.name)) {
    requireLeader(info, `durable ${info.config.durable_name ?? info.name} of stream ${config.name}`);
    listed.set(info.name, info);
  }
  // The servers count what they list: all but those that mirrors and sources read by.
  if (listed.size < state.consumer_count)
    throw incomplete(`${state.consumer_count - listed.size} consumers of stream ${config.name}`);
  return listed.values();
}

/** One server alone has no `cluster`. */
function requireLeader({ cluster }: Pick<StreamInfo, 'cluster'>, what: string): void {
  if (cluster && !cluster.leader) throw incomplete(what);
}

function incomplete(what: string): Error {
  return new Error(
    `JetStream does not tell what waits for ${what}: a server is away, or a leader is being elected. ` +
      'Read again once all servers are there',
  );
}

function toLag({ name: durable, config, ...info }: ConsumerInfo, stream: StreamInfo): DurableLag {
  // A mirror has no subjects of its own, nor need a stream with sources.
  const { subjects: all = [] }: Partial<StreamInfo['config']> = stream.config;
  const filters = config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : all);
  return {
    ...{ subject: filters.join(', ') || `stream ${stream.config.name}`, durable },
    ...{ waiting: info.num_pending, unacknowledged: info.num_ack_pending },
  };
}
