import type { ConsumerInfo } from '@nats-io/jetstream';
import type { DurableLag } from '../durable-lag.ts';
import { type JetStreamAddress, openConnection } from './connection.ts';

/**
 * Reads what the durables of all streams have not handled yet.
 *
 * @throws when no server can be reached within 5 s, or it refuses the login or the request
 */
export async function readDurables(address: JetStreamAddress, signal: AbortSignal): Promise<DurableLag[]> {
  const connection = await openConnection(address, signal);
  const { manager } = connection;
  try {
    const lags: DurableLag[] = [];
    for await (const { config } of manager.streams.list()) {
      for await (const info of manager.consumers.list(config.name)) {
        if (info.config.durable_name !== undefined) lags.push(toLag(info, config.subjects));
      }
    }
    return lags;
  } finally {
    connection.end('no longer used');
  }
}

function toLag({ name: durable, config, ...info }: ConsumerInfo, all: string[]): DurableLag {
  const filters = config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : all);
  return {
    ...{ subject: filters.join(', '), durable },
    ...{ waiting: info.num_pending, unacknowledged: info.num_ack_pending },
  };
}
