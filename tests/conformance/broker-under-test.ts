import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import pino, { type Logger } from 'pino';
import { brokerVariables } from '../../dev/embedded/broker-variables.ts';
import type { BrokerAddress } from '../../dev/embedded/embedded-server.ts';
import { startNatsServer } from '../../dev/embedded/nats-server.ts';
import type { ServerProcess } from '../../dev/embedded/server-process.ts';
import { type BrokerConfig, readBrokerConfig } from '../../src/broker-config.ts';
import type { Broker, Delivery, Disposition } from '../../src/messaging/broker.ts';
import { connectJetStream } from '../../src/messaging/jetstream/jetstream.ts';
import type { WantedStream } from '../../src/messaging/jetstream/streams.ts';
import { connectNatsStreaming } from '../../src/messaging/nats-streaming/nats-streaming.ts';
import { atEnd } from '../support/at-end.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnBroker } from '../support/own-broker.ts';

/** A real server of one kind, for one test file alone, and the adapter for it. */
export interface BrokerUnderTest {
  url: string;
  address: BrokerAddress;
  server: ServerProcess;
  /** What names this server to the service, at another URL if there is something in between. */
  environment(url?: string): Record<string, string>;
}

/** The adapters, each with a server of its own. `login`: its further arguments, such as those that say whom it lets in. */
export const kinds = {
  'NATS Streaming': async (login: string[] = []): Promise<BrokerUnderTest> => {
    const { url, clusterId, server } = await startOwnBroker({ login });
    return underTest(server, { url, clusterId });
  },
  JetStream: async (login: string[] = []): Promise<BrokerUnderTest> => {
    const { url, server, stop } = await startNatsServer({ log: () => undefined, login });
    atEnd(stop);
    if (!server)
      throw new Error('this test kills its broker: unset JETSTREAM_URL and have one that runs here');
    return underTest(server, { url });
  },
};

function underTest(server: ServerProcess, address: BrokerAddress): BrokerUnderTest {
  const { url } = address;
  return { url, address, server, environment: (at = url) => brokerVariables({ ...address, url: at }) };
}

/** The subjects of the cases. */
const testStream: WantedStream = {
  name: 'CASES',
  subjects: ['case.>', 'order:created', 'order:cancelled'],
  maxAgeMs: 0,
  maxBytes: 64 * 1024 * 1024,
};

/** The service's connection to a broker, without the service. */
export interface Client {
  broker: Broker;
  /** The messages of the log, with their reasons. */
  log(): { msg: string; subject?: string; reason?: string; problem?: string }[];
}

interface ClientOptions {
  group?: string | undefined;
  streams?: readonly WantedStream[];
  replicas?: number;
}

/** Connects to the broker that the environment names; closes at the end of the test file. */
export function connectClient(environment: Record<string, string>, options: ClientOptions = {}): Client {
  const lines: ReturnType<Client['log']> = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const config = readBrokerConfig(environment, `client-${randomUUID()}`);
  const broker = connectAdapter(config, { ...options, log });
  atEnd(() => broker.close());
  return { broker, log: () => lines };
}

function connectAdapter(
  { nats, jetstream }: BrokerConfig,
  { group = newGroup(), streams = [testStream], replicas = 1, log }: ClientOptions & { log: Logger },
): Broker {
  if (jetstream) return connectJetStream({ ...jetstream, streams, replicas, queueGroup: group, log });
  if (nats) return connectNatsStreaming({ ...nats, queueGroup: group, log });
  throw new Error('no broker');
}

/** What the cases are tried on: the server, once it runs, and clients that are connected to it. */
export interface TriedBroker {
  broker(): BrokerUnderTest;
  connect(options?: ClientOptions): Promise<Client>;
}

/** The name of a group that nobody else is in. */
export const newGroup = () => `group-${randomUUID()}`;

/** Resolves once the client is connected. */
export async function connectedClient(broker: BrokerUnderTest, options?: ClientOptions): Promise<Client> {
  const client = connectClient(broker.environment(), options);
  await eventually(() => client.broker.isConnected(), patient);
  return client;
}

/** A server takes a client for dead only when it has not answered for a while. */
export const patient = { withinMs: 45_000 };

/** The texts that arrive, with the same answer to all. */
export function collect(
  { broker }: Client,
  subject: string,
  answer: (text: string, delivery: Delivery) => Promise<Disposition> = async () => 'acknowledge',
): string[] {
  const got: string[] = [];
  broker.subscribe(subject, (delivery) => {
    const text = Buffer.from(delivery.data).toString();
    got.push(text);
    return answer(text, delivery);
  });
  return got;
}

/** The same; resolves once the broker has taken the subscription. */
export async function collecting(
  ...[client, subject, answer]: Parameters<typeof collect>
): Promise<string[]> {
  const got = collect(client, subject, answer);
  await eventually(() => client.broker.subscribedSince(subject) !== undefined, patient);
  return got;
}

/** Resolves with whether the broker has stored it: after a fault it may not take anything yet. */
export function isStored({ broker }: Client, subject: string, text: string): Promise<boolean> {
  return broker.publish(subject, text).then(
    () => true,
    () => false,
  );
}

/** Ends the server and starts it again without what it had stored. */
export async function loseData(server: ServerProcess): Promise<void> {
  await server.kill();
  await rm(server.folder, { recursive: true });
  await mkdir(server.folder);
  await server.restart();
}
