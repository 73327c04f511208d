import type { Logger } from 'pino';
import type { BrokerConfig } from './broker-config.ts';
import { brokerStreams } from './broker-streams.ts';
import { type Broker, queueGroup } from './messaging/broker.ts';
import type { Clock } from './platform/time/clock.ts';

export interface BrokerDeps {
  log: Logger;
  clock: Clock;
  /** The durable queue group; the service's own unless a test has another one. */
  group?: string | undefined;
}

/** Connects to the configured broker. Only this file knows the broker's adapter; the other one is not loaded. */
export async function connectBroker(
  { nats, jetstream }: BrokerConfig,
  { group = queueGroup, ...deps }: BrokerDeps,
): Promise<Broker> {
  if (jetstream) {
    const { connectJetStream } = await import('./messaging/jetstream/jetstream.ts');
    return connectJetStream({ ...jetstream, ...deps, streams: brokerStreams, queueGroup: group });
  }
  if (!nats) throw new Error('no broker is configured');
  const { connectNatsStreaming } = await import('./messaging/nats-streaming/nats-streaming.ts');
  return connectNatsStreaming({ ...nats, ...deps, queueGroup: group });
}
