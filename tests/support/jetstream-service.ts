import { readBrokerConfig } from '../../src/broker-config.ts';
import type { Config } from '../../src/config.ts';
import { type BrokerUnderTest, kinds } from '../conformance/broker-under-test.ts';
import { testConfig } from './running-service.ts';

export interface JetStreamService {
  broker: BrokerUnderTest;
  /** A configuration with a database of its own. */
  config(): Config;
}

/** Starts a server with JetStream for this test file alone, with further arguments if it wants them. */
export async function startJetStream(args: string[] = []): Promise<JetStreamService> {
  const broker = await kinds.JetStream(args);
  return {
    broker,
    config() {
      const { nats: _, ...config } = testConfig();
      return { ...config, ...readBrokerConfig(broker.environment(), 'none') };
    },
  };
}
