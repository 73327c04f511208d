import pino from 'pino';
import { readBrokerConfig } from '../../src/broker-config.ts';
import type { Broker } from '../../src/messaging/broker.ts';
import { connectJetStream } from '../../src/messaging/jetstream/jetstream.ts';
import { connectNatsStreaming } from '../../src/messaging/nats-streaming/nats-streaming.ts';
import { brokerVariables } from '../embedded/broker-variables.ts';
import type { BrokerAddress } from '../embedded/embedded-server.ts';

/**
 * Connects to a broker of either kind: a publish is acknowledged, and a subject's messages come from the first one on, to
 * one of those that have the same name. On JetStream it creates no streams, since they are the orders service's: until that
 * has made them, a publish fails, and a subscription is requested again.
 *
 * @param name the client id, unique among live processes, and the durable queue group
 */
export function connectToBroker(address: BrokerAddress, name: string): Broker {
  const { nats, jetstream } = readBrokerConfig(brokerVariables(address), name);
  // The service logs that the broker is away; three stand-ins that repeat it would only hide the addresses.
  const common = { queueGroup: name, log: pino({ level: 'silent' }) };
  if (jetstream) return connectJetStream({ ...jetstream, ...common, streams: [] });
  if (nats) return connectNatsStreaming({ ...nats, ...common });
  throw new Error('the address names no broker');
}
