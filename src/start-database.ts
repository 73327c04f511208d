import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { deadLetterCollection } from './messaging/dead-letters/dead-letter-model.ts';
import type { createMetrics } from './metrics/metrics.ts';
import {
  cooldownIndexOf,
  keptHoldsOf,
  openRefundsOf,
  orderCollection,
  pendingLimitOf,
} from './orders/store/order-indexes.ts';
import { watchAvailability } from './platform/mongo/availability.ts';
import { createBackgroundIndex } from './platform/mongo/background-index.ts';
import { connectDatabase } from './platform/mongo/connect.ts';
import { watchPool } from './platform/mongo/connection-pool.ts';
import { hasIndexes } from './platform/mongo/indexes.ts';
import { createDatabasePing } from './platform/mongo/ping.ts';
import { prepareDatabase } from './platform/mongo/prepare-database.ts';
import type { Shutdown } from './shutdown.ts';
import { parkedUpdateCollection, ticketCollection } from './tickets/store/ticket-model.ts';

export interface DatabaseDeps {
  config: Config;
  log: Logger;
  metrics: ReturnType<typeof createMetrics>;
  shutdown: Shutdown;
  /** When it aborts, the start stops waiting for the database and fails. */
  signal?: AbortSignal | undefined;
}

/**
 * Waits for the database, creates the indexes and connects.
 *
 * @throws when the database does not respond in time, or an existing index conflicts
 */
export async function startDatabase({ config, log, metrics, shutdown, signal }: DatabaseDeps) {
  const { mongoUri, startTimeoutMs: deadlineMs } = config;
  const options = { deadlineMs, log, ...(signal && { signal }) };
  const limited = config.maxPendingOrdersPerUser > 0 ? [pendingLimitOf] : [];
  const spaced = config.eventSpacingMs > 0 ? [keptHoldsOf] : [];
  // The first collection shows whether the database is a new one.
  const collections = [
    orderCollection,
    ...limited,
    ...spaced,
    ticketCollection,
    parkedUpdateCollection,
    deadLetterCollection,
  ];
  await prepareDatabase(mongoUri, collections, options);
  const connection = await connectDatabase(mongoUri, { ...options, operations: 'bounded' });
  const { ping, close: closePing } = createDatabasePing(mongoUri);
  shutdown.add('database', () => Promise.all([connection.close(), closePing()]));
  const pool = watchPool(connection.getClient(), metrics.onCheckOut);
  metrics.observePool(pool);
  const backgroundIndex = (indexed: typeof openRefundsOf) =>
    createBackgroundIndex({
      isThere: () => hasIndexes(indexed(connection)),
      build: () => prepareDatabase(mongoUri, [indexed], options),
    });
  return {
    connection,
    ping,
    pool,
    availability: watchAvailability({ client: connection.getClient(), log }),
    /** Whether orders may keep holds: because of the setting, or since replicas have had it. */
    hasKeptHolds: spaced.length > 0 || (await hasIndexes(keptHoldsOf(connection))),
    /** Undefined without a cooldown. */
    cooldownIndex: config.orderCooldownMs > 0 ? await backgroundIndex(cooldownIndexOf) : undefined,
    /** Undefined where nobody counts overdue refunds. */
    refundIndex: config.refundAlertMs > 0 ? await backgroundIndex(openRefundsOf) : undefined,
    /** Builds the indexes of the orders again, without a time limit. */
    rebuildOrderIndexes: () => prepareDatabase(mongoUri, [orderCollection], options),
  };
}
