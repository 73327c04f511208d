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

/**
 * Connects to the configured broker; the other one's adapter is not loaded. While it is paused, whoever publishes fails,
 * also one that does not know the setting.
 */
export async function connectBroker(
  { brokerPaused, ...config }: BrokerConfig,
  deps: BrokerDeps,
): Promise<Broker> {
  const broker = await connectAdapter(config, deps);
  return brokerPaused ? withoutPublishing(broker) : broker;
}

/** The broker's name, for people. */
export function brokerName({ jetstream }: BrokerConfig): string {
  return jetstream ? 'JetStream' : 'NATS Streaming';
}

async function connectAdapter(
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

function withoutPublishing(broker: Broker): Broker {
  const publish = () => Promise.reject(new Error('BROKER_PAUSED is true: nothing is sent'));
  return { ...broker, publish };
}
