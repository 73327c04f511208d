import { type BrokerConfig, type NatsStreamingConfig, readBrokerConfig } from '../../src/broker-config.ts';

/** The URL of the run's server with JetStream; undefined in a run on NATS Streaming (jest.jetstream.config.js). */
const sharedJetStream = process.env['TEST_JETSTREAM_URL'];

/** The kind of broker that this run is on. */
export const testedBroker = sharedJetStream === undefined ? 'NATS Streaming' : 'JetStream';

/** The shared NATS Streaming server; in a run on JetStream nothing has this address. */
export function sharedNatsStreaming(): Omit<NatsStreamingConfig, 'clientId'> {
  if (testedBroker === 'JetStream') return { url: 'nats://127.0.0.1:1', clusterId: 'none' };
  const { TEST_NATS_URL: url, TEST_NATS_CLUSTER_ID: clusterId } = process.env;
  if (!url || !clusterId)
    throw new Error('TEST_NATS_URL and TEST_NATS_CLUSTER_ID are set by the global set-up');
  return { url, clusterId };
}

/** The same configuration on the broker of the run: in a run on JetStream its shared server takes the place of `nats`. */
export function onTestedBroker<Config extends BrokerConfig>(
  config: Config,
): Omit<Config, 'nats'> & BrokerConfig {
  if (sharedJetStream === undefined || config.jetstream) return config;
  const { nats: _, ...rest } = config;
  return { ...rest, ...readBrokerConfig({ JETSTREAM_URL: sharedJetStream }, 'none') };
}
