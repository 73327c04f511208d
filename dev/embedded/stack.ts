import type { EmbeddedMongo, EmbeddedNats } from './embedded-server.ts';
import type { Log } from './first-available.ts';
import { startMongo } from './mongodb.ts';
import { startNatsStreaming } from './nats-streaming.ts';

/** The servers that the service needs. */
export interface EmbeddedStack {
  mongo: EmbeddedMongo;
  nats: EmbeddedNats;
  /** Stops the broker, then the database. */
  stop(): Promise<void>;
}

/**
 * Starts the database and the broker at the same time; several stacks can run at once.
 *
 * @throws when one of them cannot be started; the other is stopped then
 */
export async function startStack({ log }: { log: Log }): Promise<EmbeddedStack> {
  const [mongo, nats] = await Promise.allSettled([startMongo({ log }), startNatsStreaming({ log })]);
  if (mongo.status === 'fulfilled' && nats.status === 'fulfilled') {
    return {
      mongo: mongo.value,
      nats: nats.value,
      async stop() {
        await nats.value.stop().finally(() => mongo.value.stop());
      },
    };
  }
  const failures: unknown[] = [];
  for (const outcome of [mongo, nats]) {
    if (outcome.status === 'fulfilled') await outcome.value.stop();
    else failures.push(outcome.reason);
  }
  if (failures.length === 1) throw failures[0];
  throw new AggregateError(failures, failures.map(String).join('\n'));
}
