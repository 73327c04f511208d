import type { Connection } from 'mongoose';
import { readBrokerConfig } from '../../src/broker-config.ts';
import { type BrokerUnderTest, kinds } from '../conformance/broker-under-test.ts';
import { connectPeer, openDatabase, type Peer, type TestConfig, testConfig } from './running-service.ts';
import { environmentOf, runService, type ServiceProcess } from './service-process.ts';
import { testedBroker } from './tested-broker.ts';
import { mongoUriThrough, startWithholdingProxy, type WithholdingProxy } from './withholding-proxy.ts';

/** A service that is killed at a chosen point, and the one that comes after it. */
export interface CrashingService {
  database: Connection;
  peer: Peer;
  /** The service reaches its servers through these, so its traffic can be stopped there. */
  proxies: { database: WithholdingProxy; broker: WithholdingProxy };
  /** Where it serves. */
  url: string;
  /** Kills it with SIGKILL, wherever it is. Resolves when it is gone. */
  crash(): Promise<void>;
  /** Starts the next one, with the same client ID, connected to its servers directly. */
  restart(): Promise<ServiceProcess>;
}

/**
 * To be called once, by a test file, outside of its tests. Returns what starts the service of a test: on a database of
 * its own and the file's own broker, connected to both. All services of a test end with it, so that they take no
 * messages from those of the next. `overrides` are of the services' configuration.
 */
export function useCrashingServices(overrides: Partial<TestConfig> = {}): () => Promise<CrashingService> {
  let broker: BrokerUnderTest;
  const running = new Set<ServiceProcess>();
  beforeAll(async () => {
    broker = await kinds[testedBroker]();
  });
  afterEach(async () => {
    for (const service of running) {
      service.kill('SIGTERM');
      await service.exitCode;
    }
    running.clear();
  }, 30_000);

  async function start(variables: Record<string, string>): Promise<ServiceProcess> {
    const service = runService(variables);
    running.add(service);
    await service.url();
    await service.connected();
    return service;
  }

  return async () => {
    const { nats, ...rest } = testConfig({ logLevel: 'debug', ...overrides });
    const config = { ...rest, ...readBrokerConfig(broker.environment(), nats.clientId) };
    const database = await openDatabase(config);
    const peer = await connectPeer(config);
    const proxies = {
      database: await startWithholdingProxy(config.mongoUri),
      broker: await startWithholdingProxy(broker.url),
    };
    const doomed = await start({
      ...environmentOf(config),
      MONGO_URI: mongoUriThrough(proxies.database, config.mongoUri),
      ...broker.environment(`nats://${proxies.broker.address}`),
    });
    return {
      ...{ database, peer, proxies, url: await doomed.url() },
      async crash() {
        doomed.kill('SIGKILL');
        await doomed.exitCode;
        running.delete(doomed);
      },
      restart: () => start(environmentOf(config)),
    };
  };
}
