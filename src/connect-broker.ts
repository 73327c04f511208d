import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { type Broker, queueGroup } from './messaging/broker.ts';
import { connectNatsStreaming } from './messaging/nats-streaming/nats-streaming.ts';
import type { Clock } from './platform/time/clock.ts';

export interface BrokerDeps {
  log: Logger;
  clock: Clock;
  /** The durable queue group; the service's own unless a test has another one. */
  group?: string | undefined;
}

/** Connects to the configured broker. Only this file knows the broker's adapter. */
export function connectBroker({ nats }: Pick<Config, 'nats'>, { group, ...deps }: BrokerDeps): Broker {
  return connectNatsStreaming({ ...nats, ...deps, queueGroup: group ?? queueGroup });
}
