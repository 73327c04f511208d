import { randomBytes, randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import type { NatsStreamingAddress } from '../../dev/embedded/embedded-server.ts';
import { startNatsServer } from '../../dev/embedded/nats-server.ts';
import { startNatsStreaming } from '../../dev/embedded/nats-streaming.ts';
import { type EmbeddedStack, startStack } from '../../dev/embedded/stack.ts';
import { type JobWorker, startJobWorker } from './job-worker.ts';
import { createServiceStarter, type MeasuredDatabase, type ServiceStarter } from './start-services.ts';

/** Everything that a run needs: the same servers for all services, and two job workers in processes of their own. */
export interface Environment extends ServiceStarter {
  /** Which servers they are, for people. */
  servers: string;
  jwtKey: string;
  broker: NatsStreamingAddress;
  /** Sends the requests. */
  loadGenerator: JobWorker;
  /** Measures the limits, and runs the service's sweeps. */
  jobWorker: JobWorker;
  /** Creates a database that is dropped at the end. */
  createDatabase(name: string): Promise<MeasuredDatabase>;
  /** The broker of the run, and, where one can be started, a second one that keeps messages in memory. */
  startBrokers(): Promise<(NatsStreamingAddress & { store: 'file' | 'memory' })[]>;
  /** Starts a server with JetStream. Resolves with its URL. */
  startJetStream(): Promise<string>;
  stop(): Promise<void>;
}

type Stops = (() => Promise<unknown>)[];

/** @throws when a server or a process does not start; what had been started is stopped then */
export async function startEnvironment(options: {
  log: (line: string) => void;
  profile?: string | undefined;
}): Promise<Environment> {
  const stops: Stops = [];
  const stop = async () => {
    for (let release = stops.pop(); release; release = stops.pop()) await release();
  };
  try {
    const stack = await startStack({ ...options, broker: 'nats-streaming' });
    stops.push(() => stack.stop());
    return { ...createEnvironment(stack, stops, options.profile), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createEnvironment(
  { mongo, broker: nats }: EmbeddedStack<'nats-streaming'>,
  stops: Stops,
  profile: string | undefined,
): Omit<Environment, 'stop'> {
  const run = `bench-${randomUUID().slice(0, 8)}`;
  const jwtKey = randomBytes(32).toString('hex');
  const broker = { url: nats.url, clusterId: nats.clusterId };
  const startWorker = () => {
    const worker = startJobWorker();
    stops.push(() => worker.stop());
    return worker;
  };

  async function createDatabase(name: string): Promise<MeasuredDatabase> {
    const uri = mongo.uri(`${run}-${name}`);
    // Mongoose must make no collection beside the first insert: SecantusDB can deadlock over that.
    const options = { autoCreate: false, autoIndex: false };
    const connection = await mongoose.createConnection(uri, options).asPromise();
    stops.push(async () => {
      await connection.dropDatabase();
      await connection.close();
    });
    return { uri, connection };
  }

  return {
    servers: `${mongo.description}, ${nats.description}`,
    jwtKey,
    broker,
    loadGenerator: startWorker(),
    jobWorker: startWorker(),
    createDatabase,
    ...createServiceStarter({ run, jwtKey, broker, stops, profile, createDatabase }),
    async startJetStream() {
      const { url, stop } = await startNatsServer({ log: () => undefined });
      stops.push(stop);
      return url;
    },
    async startBrokers() {
      const shared = { ...broker, store: 'file' as const };
      if (!nats.server) return [shared];
      const { url, clusterId, stop } = await startNatsStreaming({ log: () => undefined, store: 'MEMORY' });
      stops.push(stop);
      return [shared, { url, clusterId, store: 'memory' }];
    },
  };
}
