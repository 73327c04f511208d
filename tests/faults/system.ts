import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { BrokerAddress } from '../../dev/embedded/embedded-server.ts';
import { freePort } from '../../dev/embedded/free-port.ts';
import { startMongo } from '../../dev/embedded/mongodb.ts';
import type { RoundBroker } from './broker/round-broker.ts';
import { startBroker } from './broker/start-broker.ts';
import type { Exit } from './history/history.ts';
import type { Targets } from './nemesis/nemesis.ts';
import { allLinks, type LinkName, type ServiceName, services } from './nemesis/schedule.ts';
import { createServiceProcess, type ServiceProcess } from './nemesis/service-process.ts';
import { type Link, type LinkProxy, startToxiproxy, type Toxiproxy } from './nemesis/toxiproxy.ts';
import type { RoundBrokerKind } from './options.ts';
import { randomFrom } from './random.ts';
import { untilReady } from './until-ready.ts';

/** Everything that takes part in a round: the servers, what stands between, and two processes of the service. */
export interface System {
  /** Which servers they are, for people. */
  description: string;
  jwtKey: string;
  urls: Record<ServiceName, string>;
  /** For the load and for looking at the outcome: past the faults of the services' links. */
  broker: BrokerAddress;
  /** Whether the broker is one server or a cluster. */
  brokerScope: RoundBroker['scope'];
  mongoUri: string;
  targets: Targets;
  exits: Exit[];
  /** Has the services end as an orchestrator would. */
  endServices(): Promise<void>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  broker: RoundBrokerKind;
  seed: number;
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
  { broker: kind, seed, folder, variables, log }: SystemOptions,
  stops: (() => Promise<unknown>)[],
): Promise<Omit<System, 'stop'>> {
  const mongo = await startMongo({ log });
  stops.push(() => mongo.stop());
  if (!mongo.server) throw new Error('the database must be a process that can be killed');
  const { server: database } = mongo;
  const toxiproxy = await startToxiproxy(log);
  if (toxiproxy) stops.push(() => toxiproxy.stop());
  const broker = await startBroker(kind, { toxiproxy, random: randomFrom(seed, 'brokers'), log });
  stops.push(() => broker.stop());
  const databaseLinks = await startDatabaseLinks(toxiproxy, database.port);

  const jwtKey = randomBytes(32).toString('hex');
  const exits: Exit[] = [];
  const launch = async (name: ServiceName) => {
    const port = await freePort();
    const mongoPort = databaseLinks.get(`${name}:database`)?.port ?? database.port;
    const service = await createServiceProcess({
      name,
      entry: resolve('dist/index.js'),
      logFile: join(folder, `${name}.log`),
      onExit: (exit) => exits.push(exit),
      variables: {
        ...variables,
        PORT: String(port),
        MONGO_URI: `mongodb://127.0.0.1:${mongoPort}/${databaseName}?${connectionOptions}`,
        ...broker.settingsOf(name),
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
    description: `${mongo.description}, ${broker.description}, ${toxiproxy ? 'toxiproxy' : 'no toxiproxy (it needs Go): processes are frozen instead of links'}`,
    jwtKey,
    urls: { 'service-1': one.url, 'service-2': two.url },
    broker: broker.address,
    brokerScope: broker.scope,
    mongoUri: mongo.uri(databaseName),
    targets: {
      links: inOrder(new Map([...databaseLinks, ...broker.links])),
      processes: new Map([
        ['service-1', one.service],
        ['service-2', two.service],
        ['database', database],
        ...broker.processes,
      ]),
    },
    exits,
    async endServices() {
      await Promise.all([one, two].map(({ service }: { service: ServiceProcess }) => service.end()));
    },
  };
}

/** A seed picks a link by its place. */
function inOrder(links: Map<LinkName, Link>): Map<LinkName, Link> {
  return new Map(
    allLinks.flatMap((name) => {
      const link = links.get(name);
      return link ? [[name, link] as const] : [];
    }),
  );
}

/** A proxy for each service's way to the database; none without toxiproxy. */
async function startDatabaseLinks(
  toxiproxy: Toxiproxy | undefined,
  port: number,
): Promise<Map<LinkName, LinkProxy>> {
  const links = new Map<LinkName, LinkProxy>();
  for (const name of services) {
    if (toxiproxy) links.set(`${name}:database`, await toxiproxy.connect(`${name}-database`, port));
  }
  return links;
}
