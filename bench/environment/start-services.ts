import type { Connection } from 'mongoose';
import { brokerVariables } from '../../dev/embedded/broker-variables.ts';
import type { BrokerAddress, NatsStreamingAddress } from '../../dev/embedded/embedded-server.ts';
import { freePort } from '../../dev/embedded/free-port.ts';
import type { ServiceName } from '../fixtures/orders.ts';
import { compiled } from './compiled.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';

/** A service under measurement, with its database. */
export interface MeasuredService {
  name: ServiceName;
  process: MeasuredProcess;
  uri: string;
  database: Connection;
  stop(): Promise<void>;
}

export interface MeasuredDatabase {
  uri: string;
  connection: Connection;
}

/** Starts what is measured. Each process is stopped at the end of the run, unless it was stopped before. */
export interface ServiceStarter {
  /** @param name of the process, its database and its NATS client */
  startCandidate(name: string, options?: CandidateOptions): Promise<MeasuredService>;
  /** Starts another process of a candidate, on the same database. */
  startReplica(service: MeasuredService, name: string, options?: CandidateOptions): Promise<MeasuredService>;
  startBaseline(): Promise<MeasuredService>;
  startEmptyRoute(): Promise<MeasuredProcess>;
}

interface CandidateOptions {
  countCommands?: boolean;
  /** Another one than the broker of the run. */
  broker?: BrokerAddress;
  /** Variables of its environment, over those of every service. */
  settings?: Readonly<Record<string, string>>;
  /** The index.js of another build than this one. Its probes are on the port of its requests: 0.1 has no other. */
  entry?: string;
}

interface ServiceOptions extends Omit<CandidateOptions, 'entry'> {
  name: string;
  file: string;
  probes: 'shared port' | 'own port';
  profile?: string | undefined;
  database: MeasuredDatabase;
}

interface ServiceStarterDeps {
  /** The prefix of the NATS client ids of this run. */
  run: string;
  jwtKey: string;
  broker: NatsStreamingAddress;
  stops: (() => Promise<unknown>)[];
  profile: string | undefined;
  createDatabase(name: string): Promise<MeasuredDatabase>;
}

/** Long enough that no order expires while it is measured. */
const holdSeconds = 24 * 3_600;

export function createServiceStarter(deps: ServiceStarterDeps): ServiceStarter {
  async function startProcess(file: string, variables: Record<string, string>, profile?: string) {
    const port = await freePort();
    const { PROBES_PORT: probesPort = String(port) } = variables;
    const started = await startMeasured({
      file,
      url: `http://127.0.0.1:${port}`,
      probesUrl: `http://127.0.0.1:${probesPort}`,
      variables: { PORT: String(port), JWT_KEY: deps.jwtKey, ...variables },
      profile,
    });
    // A measurement stops its processes early, to have the machine for the next one.
    let stopped: Promise<void> | undefined;
    const stopOnce = () => (stopped ??= started.stop());
    deps.stops.push(stopOnce);
    return { ...started, stop: stopOnce };
  }

  async function startService(service: ServiceName, options: ServiceOptions): Promise<MeasuredService> {
    const { name, file, probes, profile, countCommands = false, settings } = options;
    const broker: BrokerAddress = options.broker ?? deps.broker;
    const { uri, connection } = options.database;
    const monitored = `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;
    const variables = {
      MONGO_URI: countCommands ? monitored : uri,
      ...brokerVariables(broker),
      ...(broker.clusterId !== undefined && { NATS_CLIENT_ID: `${deps.run}-${name}` }),
      ORDER_HOLD_SECONDS: String(holdSeconds),
      ...(probes === 'own port' && { PROBES_PORT: String(await freePort()) }),
      ...settings,
    };
    const started = await startProcess(file, variables, profile);
    return { name: service, process: started, uri, database: connection, stop: started.stop };
  }

  const candidate = (
    name: string,
    database: MeasuredDatabase,
    { entry, ...options }: CandidateOptions = {},
  ) => {
    const build =
      entry === undefined
        ? ({ file: 'dist/index.js', probes: 'own port' } as const)
        : ({ file: entry, probes: 'shared port' } as const);
    return startService('candidate', { ...options, ...build, name, database, profile: deps.profile });
  };

  return {
    startCandidate: async (name, options) => candidate(name, await deps.createDatabase(name), options),
    startReplica: ({ uri, database: connection }, name, options) =>
      candidate(name, { uri, connection }, options),
    startBaseline: async () =>
      startService('baseline', {
        name: 'baseline',
        file: compiled('baseline/main.js'),
        probes: 'shared port',
        database: await deps.createDatabase('baseline'),
      }),
    startEmptyRoute: () => startProcess(compiled('environment/empty-route.js'), {}),
  };
}
