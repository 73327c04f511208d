import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Build } from '../../../dev/builds.ts';
import { freePort } from '../../../dev/embedded/free-port.ts';
import type { History } from '../../faults/history/history.ts';
import { emptyLists } from '../../faults/history/history-file.ts';
import type { ServiceName } from '../../faults/nemesis/schedule.ts';
import { createServiceProcess, type ServiceProcess } from '../../faults/nemesis/service-process.ts';
import { untilReady } from '../../faults/until-ready.ts';
import { atEnd } from '../../support/at-end.ts';
import { type OwnBroker, startOwnBroker } from '../../support/own-broker.ts';
import { testConfig } from '../../support/running-service.ts';

export const holdMs = 3_000;
/** Longer than the test: whatever comes out of order is applied in order, without a jump. */
export const gapTimeoutMs = 600_000;

/** One database and one broker, on which builds of the service take each other's place. */
export interface Deployment extends Pick<History, 'answers' | 'poison' | 'exits'> {
  broker: OwnBroker;
  mongoUri: string;
  jwtKey: string;
  urls: Record<ServiceName, string>;
  /** Starts a build with these settings besides, and resolves once it is ready. */
  launch(name: ServiceName, build: Build, settings?: Record<string, string>): Promise<ServiceProcess>;
}

/** Starts the broker. What it and the services write, apart from the database, goes into the folder `logs`. */
export async function startDeployment(logs: string): Promise<Deployment> {
  const broker = await startOwnBroker();
  const { mongoUri } = testConfig();
  const jwtKey = randomBytes(32).toString('hex');
  const { answers, poison, exits } = emptyLists();
  const ports = { 'service-1': await freePort(), 'service-2': await freePort() };
  const urlOf = (name: ServiceName) => `http://127.0.0.1:${ports[name]}`;
  return {
    ...{ answers, poison, exits, broker, mongoUri, jwtKey },
    urls: { 'service-1': urlOf('service-1'), 'service-2': urlOf('service-2') },
    async launch(name, { entry }, settings = {}) {
      const service = await createServiceProcess({
        ...{ name, entry, logFile: join(logs, `${name}.log`), onExit: (exit) => exits.push(exit) },
        variables: {
          PORT: String(ports[name]),
          MONGO_URI: mongoUri,
          NATS_URL: broker.url,
          NATS_CLUSTER_ID: broker.clusterId,
          NATS_CLIENT_ID: name,
          JWT_KEY: jwtKey,
          ORDER_HOLD_SECONDS: String(holdMs / 1_000),
          TICKET_GAP_TIMEOUT_SECONDS: String(gapTimeoutMs / 1_000),
          LOG_LEVEL: 'warn',
          SHUTDOWN_DELAY_SECONDS: '0',
          ...settings,
        },
      });
      atEnd(() => service.stop());
      service.restart();
      await untilReady(urlOf(name), exits);
      return service;
    },
  };
}
