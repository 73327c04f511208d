import type { Connection } from 'mongoose';
import type { Config } from '../../src/config.ts';
import type { OwnBroker } from './own-broker.ts';
import { connectPeer, openDatabase, type Peer, testConfig } from './running-service.ts';
import { environmentOf, runService, type ServiceProcess } from './service-process.ts';
import { hostOf, startTap, type Tap, through } from './withholding-proxy.ts';

/** A service that is to die at a chosen point, and the one that comes after it. */
export interface CrashRig {
  database: Connection;
  peer: Peer;
  /** Where the traffic of the service that is to die can be stopped. */
  taps: { database: Tap; broker: Tap };
  /** The service that is to die: it reaches its servers through the taps. */
  doomed: ServiceProcess;
  /** Kills it with SIGKILL, wherever it is. Resolves when it is gone. */
  crash(): Promise<void>;
  /** Starts the next one, with the same client ID, straight on the servers. */
  restart(): Promise<ServiceProcess>;
}

const running = new Set<ServiceProcess>();

/** Starts the first service on a database of its own and waits until it serves, connected to the broker. */
export async function startCrashRig(nats: OwnBroker, overrides: Partial<Config> = {}): Promise<CrashRig> {
  const config = testConfig({ logLevel: 'debug', ...overrides });
  config.nats = { ...config.nats, url: nats.url, clusterId: nats.clusterId };
  const database = await openDatabase(config);
  const peer = await connectPeer(config);
  const taps = {
    database: await startTap(hostOf(config.mongoUri)),
    broker: await startTap(hostOf(nats.url)),
  };
  const doomed = await start({
    ...config,
    mongoUri: through(taps.database, config.mongoUri),
    nats: { ...config.nats, url: `nats://${taps.broker.address}` },
  });
  return {
    database,
    peer,
    taps,
    doomed,
    async crash() {
      doomed.kill('SIGKILL');
      await doomed.exitCode;
      running.delete(doomed);
    },
    restart: () => start(config),
  };
}

/** Ends the services of a test, so that they take no messages from those of the next. */
export async function endServices(): Promise<void> {
  for (const service of running) {
    service.kill('SIGTERM');
    await service.exitCode;
  }
  running.clear();
}

async function start(config: Config): Promise<ServiceProcess> {
  const service = runService(environmentOf(config));
  running.add(service);
  await service.url();
  await service.connected();
  return service;
}
