import type { BrokerKind, EmbeddedBrokers, EmbeddedMongo } from './embedded-server.ts';
import type { Log } from './first-available.ts';
import { startMongo } from './mongodb.ts';
import { startNatsServer } from './nats-server.ts';
import { startNatsStreaming } from './nats-streaming.ts';

/** The servers that the service needs. */
export interface EmbeddedStack<Kind extends BrokerKind = BrokerKind> {
  mongo: EmbeddedMongo;
  broker: EmbeddedBrokers[Kind];
  /** Stops the broker, then the database. */
  stop(): Promise<void>;
}

export interface StackOptions<Kind extends BrokerKind> {
  log: Log;
  broker: Kind;
}

const startBroker: { [Kind in BrokerKind]: (options: { log: Log }) => Promise<EmbeddedBrokers[Kind]> } = {
  'nats-streaming': startNatsStreaming,
  jetstream: startNatsServer,
};

/**
 * Starts the database and a broker of this kind at the same time; several stacks can run at once.
 *
 * @throws when one of them cannot be started; the other is stopped then
 */
export async function startStack<Kind extends BrokerKind>({
  log,
  broker: kind,
}: StackOptions<Kind>): Promise<EmbeddedStack<Kind>> {
  const [mongo, broker] = await Promise.allSettled([startMongo({ log }), startBroker[kind]({ log })]);
  if (mongo.status === 'fulfilled' && broker.status === 'fulfilled') {
    return {
      mongo: mongo.value,
      broker: broker.value,
      async stop() {
        await broker.value.stop().finally(() => mongo.value.stop());
      },
    };
  }
  const failures: unknown[] = [];
  for (const outcome of [mongo, broker]) {
    if (outcome.status === 'fulfilled') await outcome.value.stop();
    else failures.push(outcome.reason);
  }
  if (failures.length === 1) throw failures[0];
  throw new AggregateError(failures, failures.map(String).join('\n'));
}
