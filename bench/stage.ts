import { randomBytes, randomUUID } from 'node:crypto';
import mongoose, { type Connection } from 'mongoose';
import { freePort } from '../dev/embedded/free-port.ts';
import { startNatsStreaming } from '../dev/embedded/nats-streaming.ts';
import { type EmbeddedStack, startStack } from '../dev/embedded/stack.ts';
import { compiled, type MeasuredProcess, startMeasured } from './measured-process.ts';
import type { BrokerAddress } from './run/passes.ts';
import { startWorker, type Worker } from './worker.ts';

/** Everything that takes part in a run: the same servers for all, and two helpers in processes of their own. */
export interface Stage {
  /** Which servers they are, for people. */
  servers: string;
  jwtKey: string;
  broker: BrokerAddress;
  /** Sends the requests. */
  generator: Worker;
  /** Has the limits measured, and calls the service's passes. */
  helper: Worker;
  /** A database of its own, dropped at the end. */
  database(name: string): Promise<{ uri: string; connection: Connection }>;
  ours(name: string, options?: OursOptions): Promise<Contestant>;
  /** Another process of a service, on the same database. */
  replicaOf(contestant: Contestant, name: string, options?: OursOptions): Promise<Contestant>;
  /** The broker of all, and where a broker of one's own can be started, one that keeps messages in memory. */
  brokers(): Promise<(BrokerAddress & { store: 'file' | 'memory' })[]>;
  usualWay(): Promise<Contestant>;
  emptyRoute(): Promise<MeasuredProcess>;
  stop(): Promise<void>;
}

interface OursOptions {
  countCommands?: boolean;
  /** Another than that of all. */
  broker?: BrokerAddress;
  /** Its `NODE_OPTIONS`; undefined: the memory that Node gives itself on this machine. */
  nodeOptions?: string;
  /** The index.js of another build than this one. It has its probes on the port of its requests. */
  entry?: string;
}

/** A service under measurement, with its database. */
export interface Contestant {
  name: ContestantName;
  process: MeasuredProcess;
  uri: string;
  database: Connection;
  stop(): Promise<void>;
}

export type ContestantName = 'ours' | 'the usual way';

interface ContestantOptions extends Omit<OursOptions, 'entry'> {
  file: string;
  sharedPort?: boolean;
  as: string;
  /** A database that is there already. */
  on?: { uri: string; connection: Connection };
}

/** Long enough that no order expires while it is measured. */
const holdSeconds = 24 * 3_600;

/** @throws when a server or a process does not start; what had been started is stopped then */
export async function setStage(options: {
  log: (line: string) => void;
  profile?: string | undefined;
}): Promise<Stage> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (let release = stops.pop(); release; release = stops.pop()) await release();
  };
  try {
    const stack = await startStack(options);
    stops.push(() => stack.stop());
    return { ...raise(stack, stops, options.profile), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function raise(
  { mongo, nats }: EmbeddedStack,
  stops: (() => Promise<unknown>)[],
  profile: string | undefined,
): Omit<Stage, 'stop'> {
  const run = `bench-${randomUUID().slice(0, 8)}`;
  const jwtKey = randomBytes(32).toString('hex');
  const worker = () => {
    const started = startWorker();
    stops.push(() => started.stop());
    return started;
  };

  async function database(name: string) {
    const uri = mongo.uri(`${run}-${name}`);
    // Mongoose is to make no collection beside the first insert: SecantusDB can lock itself up over that.
    const options = { autoCreate: false, autoIndex: false };
    const connection = await mongoose.createConnection(uri, options).asPromise();
    stops.push(async () => {
      await connection.dropDatabase();
      await connection.close();
    });
    return { uri, connection };
  }

  async function launch(file: string, variables: Record<string, string>, profiled?: string) {
    const port = await freePort();
    const { PROBES_PORT: probesPort = String(port) } = variables;
    const local = (at: number | string) => `http://127.0.0.1:${at}`;
    const started = await startMeasured({
      file,
      url: local(port),
      probesUrl: local(probesPort),
      variables: { PORT: String(port), JWT_KEY: jwtKey, ...variables },
      profile: profiled,
    });
    // Whoever needs the machine for something else stops it before.
    let stopped: Promise<void> | undefined;
    const stopOnce = () => (stopped ??= started.stop());
    stops.push(stopOnce);
    return { ...started, stop: stopOnce };
  }

  async function contestant(
    name: ContestantName,
    {
      file,
      sharedPort = false,
      as,
      countCommands = false,
      broker = nats,
      on,
      nodeOptions,
    }: ContestantOptions,
  ): Promise<Contestant> {
    const { uri, connection } = on ?? (await database(as));
    const watched = countCommands ? `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true` : uri;
    const started = await launch(
      file,
      {
        MONGO_URI: watched,
        NATS_URL: broker.url,
        NATS_CLUSTER_ID: broker.clusterId,
        NATS_CLIENT_ID: `${run}-${as}`,
        ORDER_HOLD_SECONDS: String(holdSeconds),
        ...(nodeOptions !== undefined && { NODE_OPTIONS: nodeOptions }),
        ...(name === 'ours' && !sharedPort && { PROBES_PORT: String(await freePort()) }),
      },
      name === 'ours' ? profile : undefined,
    );
    return { name, process: started, uri, database: connection, stop: started.stop };
  }

  /** Another build is measured with its probes on the port of its requests: one from before knows no other. */
  const ours = (as: string, { entry, ...options }: OursOptions & Pick<ContestantOptions, 'on'> = {}) =>
    contestant('ours', { file: entry ?? 'dist/index.js', sharedPort: entry !== undefined, as, ...options });

  return {
    servers: `${mongo.description}, ${nats.description}`,
    jwtKey,
    broker: { url: nats.url, clusterId: nats.clusterId },
    generator: worker(),
    helper: worker(),
    database,
    ours,
    replicaOf: ({ uri, database: connection }, as, options) =>
      ours(as, { ...options, on: { uri, connection } }),
    async brokers() {
      const own = { url: nats.url, clusterId: nats.clusterId, store: 'file' as const };
      if (!nats.server) return [own];
      const { url, clusterId, stop } = await startNatsStreaming({ log: () => undefined, store: 'MEMORY' });
      stops.push(stop);
      return [own, { url, clusterId, store: 'memory' }];
    },
    usualWay: () => contestant('the usual way', { file: compiled('usual-way/main.js'), as: 'usual' }),
    emptyRoute: () => launch(compiled('run/empty-route.js'), {}),
  };
}
