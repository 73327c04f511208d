import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { connectBroker } from './connect-broker.ts';
import { createStores } from './create-stores.ts';
import { backlogMetrics } from './metrics/backlog-metrics.ts';
import { failingItemMetrics } from './metrics/failing-item-metrics.ts';
import { createMetrics } from './metrics/metrics.ts';
import { storedMessagesMetrics } from './metrics/stored-messages-metrics.ts';
import { orderListeners } from './orders/listeners/order-listeners.ts';
import { orderModel } from './orders/store/order-model.ts';
import { createOutboxStore } from './orders/store/outbox-store.ts';
import { keptHoldsLeaseName } from './orders/use-cases/end-kept-holds.ts';
import { countOverdueRefunds } from './orders/use-cases/overdue-refunds.ts';
import { logPeers } from './peer-presets.ts';
import { warnOfShortKeys } from './platform/http/jwt-keys.ts';
import { localUrl } from './platform/http/local-url.ts';
import { createLease } from './platform/mongo/lease-store.ts';
import { type Clock, systemClock } from './platform/time/clock.ts';
import { createRetrySchedule } from './platform/time/retry-schedule.ts';
import { receiveMessages } from './receive-messages.ts';
import { startScheduledJobs } from './scheduled-jobs.ts';
import { serveOrders } from './serve-http.ts';
import { startProbes } from './serve-probes.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';
import { startDatabase } from './start-database.ts';
import { startRelay } from './start-relay.ts';
import { ticketListeners } from './tickets/listeners/ticket-listeners.ts';
import { gapLeaseName } from './tickets/use-cases/gap-lease.ts';

export interface Service {
  /** The URL for clients on the same host. */
  url: string;
  /** Where probes and metrics are served. */
  probesUrl: string;
  /**
   * Drains for the configured delay, then stops everything that was started (shutdown.ts). Running requests and messages
   * are finished, and due events are sent. When a part fails to stop, the others are stopped all the same.
   *
   * @throws AggregateError when parts failed to stop
   */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  log: Logger;
  clock?: Clock;
  /** Tests that share a broker give each service group its own durable. */
  group?: string;
  /** When it aborts, the start stops waiting for the database and fails. */
  signal?: AbortSignal;
}

/**
 * Starts the service: the probes if they have their own port, then database and indexes, then HTTP. The broker connects in
 * the background. Several services can run in one process.
 *
 * @throws when the database does not respond in time, an existing index conflicts, or a port is in use; everything that
 *   was started is stopped before
 */
export async function startService(config: Config, options: ServiceOptions): Promise<Service> {
  const shutdown = createShutdown();
  try {
    const ports = await startParts(config, { clock: systemClock, shutdown, ...options });
    const { listenAddress: address, shutdownDelayMs } = config;
    options.log.info({ port: ports.port, probesPort: ports.probesPort }, 'the orders service is serving');
    return {
      url: localUrl(ports.port, address),
      probesUrl: localUrl(ports.probesPort, address),
      stop: () => shutdown.stop(shutdownDelayMs),
    };
  } catch (error) {
    await shutdown.stop(0);
    throw error;
  }
}

interface PartsDeps extends ServiceOptions {
  clock: Clock;
  shutdown: Shutdown;
}

async function startParts(config: Config, { log, clock, shutdown, group, signal }: PartsDeps) {
  warnOfShortKeys(config, log);
  logPeers(config, log);
  const metrics = createMetrics();
  const probes = await startProbes({ config, log, metrics, shutdown });
  const database = await startDatabase({ config, log, metrics, shutdown, signal });
  const { availability, pool, cooldownIndex, refundIndex } = database;
  const broker = await connectBroker(config, { log, clock, group });
  shutdown.add('broker', broker.close);
  metrics.observeBroker({ ...broker, isPaused: config.brokerPaused === true });

  const outboxes = createOutboxStore(orderModel(database.connection), config.eventSpacingMs);
  const failingOutboxes = createRetrySchedule({ kind: 'outbox', clock, log });
  const relay = await startRelay({
    ...{ config, database, broker, outboxes, failing: failingOutboxes },
    ...{ metrics, clock, log, shutdown },
  });

  const { eventSpacingMs } = config;
  const stores = createStores(database, { relay, clock, log, metrics, eventSpacingMs });
  const { orders, tickets, gaps, refunds, deadLetters, holdIndex } = stores;
  const { onVersionsSkipped, onTitleCut, onMessage } = metrics;
  const jobs = startScheduledJobs({
    ...{ holdIndex, refundIndex, cooldownIndex, orders, gaps, broker, availability, clock, log },
    onVersionsSkipped,
    gapLease: createLease(database.connection, gapLeaseName),
    gapTimeoutMs: config.ticketGapTimeoutMs,
    keptHolds: database.hasKeptHolds && {
      ...{ eventSpacingMs, lease: createLease(database.connection, keptHoldsLeaseName) },
    },
  });
  shutdown.add('messages and jobs', (finish) => Promise.all([broker.stopReceiving(finish), jobs.stop()]));
  failingItemMetrics(metrics.registry, { clock, retrySchedules: [failingOutboxes, ...jobs.retrySchedules] });

  const listenerDeps = { tickets, orders, clock, log, onTitleCut, latePayment: config.latePayment };
  const listeners = [...ticketListeners(listenerDeps), ...orderListeners(listenerDeps)];
  receiveMessages(listeners, { broker, availability, deadLetters, clock, log, onMessage });

  const server = await serveOrders({
    ...{ config, log, clock, orders, availability, pool, metrics, probes: probes.routes },
    // Without its index the read before a purchase would go through all orders of the user.
    cooldownMs: () => (cooldownIndex?.isReady() ? config.orderCooldownMs : 0),
  });
  shutdown.add('requests', server.stop);
  shutdown.onDraining(server.startDraining);
  metrics.observeServer(server);
  const { ping: pingDatabase } = database;
  const { isConnected: isBrokerConnected, refusedSubjects, problems: brokerProblems } = broker;
  const refreshStoredMessages = storedMessagesMetrics(metrics.registry, broker);
  const refreshBacklog = backlogMetrics(metrics.registry, {
    ...{ clock, pingDatabase, outboxes, orders, deadLetters, parked: jobs.parked },
    countOverdueRefunds:
      refundIndex &&
      (() => countOverdueRefunds({ refunds, index: refundIndex, alertMs: config.refundAlertMs, clock })),
  });
  probes.becomeReady(
    {
      ...{ pingDatabase, isBrokerConnected, refusedSubjects, brokerProblems },
      details: () => ({
        ...(config.brokerPaused && { publishing: 'paused' }),
        ...(!holdIndex.isUp() && { holdIndex: 'missing' }),
      }),
    },
    async () => {
      await Promise.all([refreshBacklog(), refreshStoredMessages()]);
    },
  );
  return { port: server.port, probesPort: probes.port ?? server.port };
}
