import { randomUUID } from 'node:crypto';
import mongoose, { type Connection } from 'mongoose';
import pino from 'pino';
import { withDatabase } from '../../dev/embedded/mongo-uri.ts';
import type { BrokerConfig, NatsStreamingConfig } from '../../src/broker-config.ts';
import type { Config } from '../../src/config.ts';
import { withDeadline } from '../../src/platform/time/deadline.ts';
import { type Service, type ServiceOptions, startService } from '../../src/service.ts';
import { atEnd } from './at-end.ts';
import { connectStan, type SeenEvent, watchSubject } from './connect-stan.ts';
import { connectJetStreamPeer } from './jetstream-peer.ts';
import { onTestedBroker, sharedNatsStreaming } from './tested-broker.ts';

export const jwtKey = 'the key of the tests, 32 bytes long';

function sharedMongoUri(): string {
  const { TEST_MONGO_URI: uri } = process.env;
  if (!uri) throw new Error('TEST_MONGO_URI is set by the global set-up');
  return uri;
}

/** A configuration with a broker on NATS Streaming; in a run on JetStream that takes its place (tested-broker.ts). */
export interface TestConfig extends Config {
  nats: NatsStreamingConfig;
}

/** A configuration with a database, a client id and a port of its own. */
export function testConfig(overrides: Partial<TestConfig> = {}): TestConfig {
  const unique = randomUUID().slice(0, 8);
  return {
    port: 0,
    maxRequestsInFlight: 512,
    maxConnections: 12_000,
    maxConnectionsPerAddress: 0,
    keepAliveMs: 65_000,
    startTimeoutMs: 30_000,
    mongoUri: withDatabase(sharedMongoUri(), `test-${unique}`),
    nats: { ...sharedNatsStreaming(), clientId: `orders-${unique}` },
    jwtKey,
    orderHoldMs: 900_000,
    orderExtensionMs: 0,
    orderHoldLimitMs: 4 * (overrides.orderHoldMs ?? 900_000),
    orderCooldownMs: 0,
    eventSpacingMs: 0,
    latePayment: 'hold_again',
    refundAlertMs: 0,
    ticketGapTimeoutMs: 600_000,
    rateLimitPerMinute: 0,
    maxPendingOrdersPerUser: 0,
    listSort: '-createdAt',
    trustProxy: 0,
    logLevel: 'silent',
    shutdownDelayMs: 0,
    shutdownGraceMs: 25_000,
    ...overrides,
  };
}

/** Another process of the same service: the same database, a client id of its own. */
export function secondInstance(config: TestConfig): TestConfig {
  return { ...config, nats: { ...config.nats, clientId: `orders-${randomUUID().slice(0, 8)}` } };
}

/** Starts a service that ends with the test file. Services of the same database share a durable. */
export async function startTestService(
  config: Config,
  options: Partial<ServiceOptions> = {},
): Promise<Service> {
  const group = `orders-${new URL(config.mongoUri).pathname.slice(1)}`;
  const log = pino({ level: config.logLevel });
  const service = await startService(onTestedBroker(config), { log, group, ...options });
  atEnd(() => service.stop());
  return service;
}

/** Starts two services on one database, as two replicas of a deployment. */
export async function startTwoServices(
  config: TestConfig,
  options: Partial<ServiceOptions> = {},
): Promise<[Service, Service]> {
  return [await startTestService(config, options), await startTestService(secondInstance(config), options)];
}

/** Two services on one database, with a connection to it, and a peer on their broker. */
export async function startTwoServicesAndPeer(
  config: TestConfig,
  options: Partial<ServiceOptions> = {},
): Promise<{ database: Connection; urls: string[]; peer: Peer }> {
  const database = await openDatabase(config);
  const services = await startTwoServices(config, options);
  return { database, urls: services.map(({ url }) => url), peer: await connectPeer(config) };
}

/**
 * As the service does: Mongoose makes no collection by itself. It would beside the first insert, and SecantusDB locks
 * itself up for good when a command and an insert make the same collection at once.
 */
const nothingByItself = { autoCreate: false, autoIndex: false } as const;

/** A connection to the service's database that emits an event for every command that it sends. */
export async function watchDatabase(config: Config): Promise<Connection> {
  const options = { ...nothingByItself, monitorCommands: true };
  const connection = await mongoose.createConnection(config.mongoUri, options).asPromise();
  atEnd(() => connection.close());
  return connection;
}

/** A connection to the service's database, for looking at it and for making states that are hard to come by. */
export async function openDatabase(config: Config): Promise<Connection> {
  const connection = await mongoose.createConnection(config.mongoUri, nothingByItself).asPromise();
  // A red test may leave the database frozen or dead, and a connection that stays open keeps jest from ending.
  atEnd(() => withDeadline(15_000, () => connection.dropDatabase()).finally(() => connection.close(true)));
  return connection;
}

/** A peer of the service on the broker: publishes what other services would, and sees every event. */
export interface Peer {
  publish(subject: string, message: unknown): Promise<void>;
  publishRaw(subject: string, message: Buffer): Promise<void>;
  seen: SeenEvent[];
}

const orderSubjects = [
  ...['order:created', 'order:hold-extended', 'order:cancelled', 'order:paid'],
  'order:refund-required',
];

/** Connects a peer that ends with the test file; it sees order events from now on, or all that there ever were. */
export async function connectPeer(config: BrokerConfig, sees: 'new' | 'all' = 'new'): Promise<Peer> {
  const { nats, jetstream } = onTestedBroker(config);
  if (jetstream) return asPeer(await connectJetStreamPeer(jetstream, { subjects: orderSubjects, sees }));
  if (!nats) throw new Error('no broker is configured');
  const stan = await connectStan(nats);
  const seen: SeenEvent[] = [];
  await Promise.all(orderSubjects.map((subject) => watchSubject(stan, subject, { sees, seen })));
  const publishRaw = (subject: string, message: Buffer) =>
    new Promise<void>((resolve, reject) => {
      stan.publish(subject, message, (error) => (error ? reject(new Error(String(error))) : resolve()));
    });
  return asPeer({ seen, publishRaw });
}

function asPeer({ seen, publishRaw }: Pick<Peer, 'seen' | 'publishRaw'>): Peer {
  return {
    seen,
    publishRaw,
    publish: (subject, message) => publishRaw(subject, Buffer.from(JSON.stringify(message))),
  };
}
