import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pino from 'pino';
import { brokerVariables } from '../../dev/embedded/broker-variables.ts';
import type { BrokerAddress } from '../../dev/embedded/embedded-server.ts';
import { readBrokerConfig } from '../../src/broker-config.ts';
import { connectBroker } from '../../src/connect-broker.ts';
import type { Broker } from '../../src/messaging/broker.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { operationsPerSecond } from './timing.ts';

/** The connections of a job worker. They are kept for its next job, and end with its process. */
const brokers = new Map<string, Promise<Broker>>();

const log = pino({ level: 'silent' });

/** Connects as the service does. */
export function openBroker(address: BrokerAddress): Promise<Broker> {
  const key = JSON.stringify(address);
  let broker = brokers.get(key);
  if (!broker) {
    broker = openConnected(address);
    brokers.set(key, broker);
  }
  return broker;
}

async function openConnected(address: BrokerAddress): Promise<Broker> {
  const group = `bench-${randomUUID().slice(0, 8)}`;
  const config = readBrokerConfig(brokerVariables(address), group);
  const broker = await connectBroker(config, { group, log, clock: systemClock });
  await new Promise<void>((resolve) => broker.onConnect(resolve));
  return broker;
}

export interface BarePublishJob {
  /** Of a server with JetStream. */
  url: string;
  messages: { subject: string; data: unknown }[];
  inFlight: number;
}

/**
 * Publishes messages by JetStream's own client without anything of the service, begun in their order, and resolves with
 * how many a second the broker has acknowledged. The subjects must have streams.
 */
export async function publishBare({ url, messages, inFlight }: BarePublishJob): Promise<number> {
  const connection = await connect({ servers: url });
  const client = jetstream(connection);
  const rate = await operationsPerSecond(messages, inFlight, ({ subject, data }) =>
    client.publish(subject, JSON.stringify(data)),
  );
  await connection.close();
  return rate;
}
