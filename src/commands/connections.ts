import { randomUUID } from 'node:crypto';
import { type BrokerConfig, readBrokerConfig } from '../broker-config.ts';
import { readDatabaseConfig } from '../command-config.ts';
import { connectBroker } from '../connect-broker.ts';
import type { Broker } from '../messaging/broker.ts';
import { connectDatabase } from '../platform/mongo/connect.ts';
import { systemClock } from '../platform/time/clock.ts';
import { untilAborted } from '../platform/time/until-aborted.ts';
import { withTimeout } from '../platform/time/with-timeout.ts';
import { shutdownParts } from '../shutdown.ts';
import type { CommandContext } from './exit-codes.ts';

export type Database = Awaited<ReturnType<typeof connectDatabase>>;

/** How long a command waits for a connection, in milliseconds. */
const connectTimeoutMs = 5_000;

/**
 * Does work with the database that the environment names, whose operations may take long, and closes it.
 *
 * @throws BadConfig, or when the database does not answer within 5 s
 */
export async function withDatabase<Result>(
  { log, signal }: Pick<CommandContext, 'log' | 'signal'>,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const { mongoUri } = readDatabaseConfig(process.env);
  const options = { deadlineMs: connectTimeoutMs, operations: 'unbounded', log, signal } as const;
  const database = await connectDatabase(mongoUri, options);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/**
 * The broker that the environment names, with a client id of the command's own: it must differ from that of a running
 * service.
 *
 * @throws BadConfig
 */
export function readBrokerFor(command: string): BrokerConfig {
  return readBrokerConfig(process.env, `${command}-${randomUUID()}`);
}

/**
 * Does work with the broker, and closes the connection.
 *
 * @throws when the broker does not answer within 5 s
 */
export async function withBroker<Result>(
  { log, signal }: Pick<CommandContext, 'log' | 'signal'>,
  config: BrokerConfig,
  work: (broker: Broker) => Promise<Result>,
): Promise<Result> {
  const broker = await connectBroker(config, { log, clock: systemClock });
  try {
    const connected = new Promise<void>((resolve) => broker.onConnect(resolve));
    await withTimeout(connectTimeoutMs, untilAborted(connected, signal), () => {
      throw new Error(`no connection to the broker within ${connectTimeoutMs / 1_000} s`);
    });
    signal.throwIfAborted();
    return await work(broker);
  } finally {
    await broker.close(AbortSignal.timeout(shutdownParts.broker.finishMs));
  }
}
