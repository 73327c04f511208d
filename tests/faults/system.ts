import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { freePort } from '../../dev/embedded/free-port.ts';
import { startStack } from '../../dev/embedded/stack.ts';
import type { Exit } from './history/history.ts';
import type { Targets } from './nemesis/nemesis.ts';
import { allLinks, type LinkName, type ServiceName } from './nemesis/schedule.ts';
import { createServiceProcess, type ServiceProcess } from './nemesis/service-process.ts';
import { type LinkProxy, startToxiproxy, type Toxiproxy } from './nemesis/toxiproxy.ts';
import { untilReady } from './until-ready.ts';

/** Everything that takes part in a round: the servers, what stands between, and two processes of the service. */
export interface System {
  /** Which servers they are, for people. */
  description: string;
  jwtKey: string;
  urls: Record<ServiceName, string>;
  /** Past the proxies, for the load and for looking at the outcome. */
  broker: { url: string; clusterId: string };
  mongoUri: string;
  targets: Targets;
  exits: Exit[];
  /** Has the services end as an orchestrator would. */
  endServices(): Promise<void>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  folder: string;
  variables: Record<string, string>;
  log: (line: string) => void;
}

const databaseName = 'faults';
/**
 * Without discovery, which would find the way around the proxy; and with few connections: the stand-in's throughput
 * breaks down when two processes ask it two hundred things at once, as they do after an outage, and stays down.
 */
const connectionOptions = 'directConnection=true&maxPoolSize=16';

/** @throws when something does not start; what had been started is stopped then */
export async function startSystem(options: SystemOptions): Promise<System> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (let release = stops.pop(); release; release = stops.pop()) await release();
  };
  try {
    return { ...(await startAll(options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(
  { folder, variables, log }: SystemOptions,
  stops: (() => Promise<unknown>)[],
): Promise<Omit<System, 'stop'>> {
  const stack = await startStack({ log, broker: 'nats-streaming' });
  stops.push(() => stack.stop());
  const { mongo, broker: nats } = stack;
  if (!mongo.server || !nats.server)
    throw new Error('the database and the broker must be processes that can be killed');
  const { server: database } = mongo;
  const { server: broker } = nats;

  const toxiproxy = await startToxiproxy(log);
  if (toxiproxy) stops.push(() => toxiproxy.stop());
  const ports = { broker: broker.port, database: database.port };
  const links = await startLinks(toxiproxy, ports);

  const jwtKey = randomBytes(32).toString('hex');
  const exits: Exit[] = [];
  const launch = async (name: ServiceName) => {
    const port = await freePort();
    const natsPort = links.get(`${name}:broker`)?.port ?? ports.broker;
    const mongoPort = links.get(`${name}:database`)?.port ?? ports.database;
    const service = await createServiceProcess({
      name,
      entry: resolve('dist/index.js'),
      logFile: join(folder, `${name}.log`),
      onExit: (exit) => exits.push(exit),
      variables: {
        ...variables,
        PORT: String(port),
        MONGO_URI: `mongodb://127.0.0.1:${mongoPort}/${databaseName}?${connectionOptions}`,
        NATS_URL: `nats://127.0.0.1:${natsPort}`,
        NATS_CLUSTER_ID: nats.clusterId,
        NATS_CLIENT_ID: name,
        JWT_KEY: jwtKey,
      },
    });
    stops.push(() => service.stop());
    service.restart();
    const url = `http://127.0.0.1:${port}`;
    await untilReady(url, exits);
    return { url, service };
  };
  const one = await launch('service-1');
  const two = await launch('service-2');

  return {
    description: `${mongo.description}, ${nats.description}, ${toxiproxy ? 'toxiproxy' : 'no toxiproxy (it needs Go): processes are frozen instead of links'}`,
    jwtKey,
    urls: { 'service-1': one.url, 'service-2': two.url },
    broker: { url: nats.url, clusterId: nats.clusterId },
    mongoUri: mongo.uri(databaseName),
    targets: {
      links,
      processes: { 'service-1': one.service, 'service-2': two.service, broker, database },
    },
    exits,
    async endServices() {
      await Promise.all([one, two].map(({ service }: { service: ServiceProcess }) => service.end()));
    },
  };
}

/** A proxy for each way from a service to a server; none without toxiproxy. */
async function startLinks(
  toxiproxy: Toxiproxy | undefined,
  ports: { broker: number; database: number },
): Promise<Map<LinkName, LinkProxy>> {
  const links = new Map<LinkName, LinkProxy>();
  if (!toxiproxy) return links;
  for (const name of allLinks) {
    links.set(
      name,
      await toxiproxy.connect(name.replace(':', '-'), ports[name.endsWith('broker') ? 'broker' : 'database']),
    );
  }
  return links;
}
