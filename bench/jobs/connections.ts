import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import pino from 'pino';
import type { BrokerAddress } from '../../dev/embedded/embedded-server.ts';
import type { Broker } from '../../src/messaging/broker.ts';
import { connectNatsStreaming } from '../../src/messaging/nats-streaming/nats-streaming.ts';
import { connectDatabase } from '../../src/platform/mongo/connect.ts';

/** The connections of a job worker. They are kept for its next job, and end with its process. */
const databases = new Map<string, Promise<Connection>>();
let broker: Promise<Broker> | undefined;

const log = pino({ level: 'silent' });

/** Connects as the service does: with the same durability and as many sockets. */
export function openDatabase(uri: string): Promise<Connection> {
  let connection = databases.get(uri);
  if (!connection) {
    connection = connectDatabase(uri, { deadlineMs: 30_000, log, operations: 'bounded' });
    databases.set(uri, connection);
  }
  return connection;
}

/** Connects to the broker of the first call, whatever the address of a later one. */
export function openBroker(address: BrokerAddress): Promise<Broker> {
  broker ??= (async () => {
    const clientId = `bench-${randomUUID().slice(0, 8)}`;
    const connecting = connectNatsStreaming({ ...address, clientId, queueGroup: clientId, log });
    await new Promise<void>((resolve) => connecting.onConnect(resolve));
    return connecting;
  })();
  return broker;
}
