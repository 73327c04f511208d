import type { Express } from 'express';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { startLoops } from './loops.ts';
import { queueGroup } from './messaging/broker.ts';
import { deadLetterCollection, deadLetterModel } from './messaging/dead-letters/dead-letter-model.ts';
import { createDeadLetterStore } from './messaging/dead-letters/dead-letter-store.ts';
import { handleWithinTime } from './messaging/handle-within-time.ts';
import { createMessageFailures } from './messaging/message-failures.ts';
import { connectNatsStreaming } from './messaging/nats-streaming/nats-streaming.ts';
import { receive } from './messaging/receive.ts';
import { failingGauges } from './metrics/failing-gauges.ts';
import { createMetrics } from './metrics/metrics.ts';
import { metricsRoute } from './metrics/metrics-route.ts';
import { stateGauges } from './metrics/state-gauges.ts';
import { orderListeners } from './orders/listeners/order-listeners.ts';
import { createHoldIndexStore } from './orders/store/hold-index-store.ts';
import { orderCollection, orderModel, pendingLimitOf } from './orders/store/order-model.ts';
import { createOrderStore } from './orders/store/order-store.ts';
import { createOutboxStore } from './orders/store/outbox-store.ts';
import { watchHoldIndex } from './orders/use-cases/hold-index.ts';
import { createRelay } from './outbox/relay.ts';
import { sweepLeaseName } from './outbox/sweep.ts';
import { warnOfShortKeys } from './platform/http/jwt-keys.ts';
import { localUrl } from './platform/http/local-url.ts';
import { probes, startingStatus } from './platform/http/probes.ts';
import { serveProbes } from './platform/http/probes-server.ts';
import { watchAvailability } from './platform/mongo/availability.ts';
import { connectDatabase } from './platform/mongo/connect.ts';
import { createLease } from './platform/mongo/lease-store.ts';
import { createDatabasePing } from './platform/mongo/ping.ts';
import { watchPool } from './platform/mongo/pool.ts';
import { prepareDatabase } from './platform/mongo/prepare.ts';
import { type Clock, systemClock } from './platform/time/clock.ts';
import { sleep } from './platform/time/repeat.ts';
import { createRetrySchedule } from './platform/time/retry-schedule.ts';
import { serveOrders } from './serve-http.ts';
import { stopInReverse, stopInTime } from './shutdown.ts';
import { ticketListeners } from './tickets/listeners/ticket-listeners.ts';
import { createGapStore } from './tickets/store/gap-store.ts';
import {
  parkedUpdateCollection,
  parkedUpdateModel,
  ticketCollection,
  ticketModel,
} from './tickets/store/ticket-model.ts';
import { createTicketStore } from './tickets/store/ticket-store.ts';
import { gapLeaseName } from './tickets/use-cases/close-stale-gaps.ts';

export interface Service {
  /** Where it listens, as a local client reaches it. */
  url: string;
  /** Where probes and metrics are served. */
  probesUrl: string;
  /**
   * Turns unready and serves on for the configured delay, then stops everything that was started, in reverse; requests
   * and messages in hand are finished, and what is due is sent. A part that fails to stop does not keep the others
   * from it.
   *
   * @throws AggregateError when some did
   */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  log: Logger;
  clock?: Clock;
  /** Tests that share a broker give each service group its own durable. */
  group?: string;
  /** Gives up the start when it aborts, while the database is still awaited. */
  signal?: AbortSignal;
}

/**
 * Starts the service: the probes where they have a port of their own, database and indexes, then HTTP, with the broker
 * connecting in the background. Several services can run in one process.
 *
 * @throws when the database does not answer in time, an index stands in the way or a port is in use;
 *   what had been started is stopped then
 */
export async function startService(config: Config, options: ServiceOptions): Promise<Service> {
  const { log, clock = systemClock } = options;
  const stops: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopInReverse(stops));

  try {
    warnOfShortKeys(config, log);
    const { mongoUri, startTimeoutMs: deadlineMs } = config;
    const metrics = createMetrics();
    const status = startingStatus();
    let refreshGauges = () => Promise.resolve();
    const probed = (app: Express) => {
      probes(status)(app);
      metricsRoute(metrics.registry, () => refreshGauges())(app);
    };
    const { listenAddress: address } = config;
    const probesServer = await serveProbes(config.probesPort, { address, log, probes: probed });
    if (probesServer) stops.push(() => stopInTime('probes', () => probesServer.stop()));

    const limited = config.maxPendingOrdersPerUser > 0 ? [pendingLimitOf] : [];
    const collections = [
      orderCollection,
      ...limited,
      ticketCollection,
      parkedUpdateCollection,
      deadLetterCollection,
    ];
    await prepareDatabase(mongoUri, collections, { deadlineMs, ...options });
    const database = await connectDatabase(mongoUri, { deadlineMs, operations: 'bounded', ...options });
    const { ping: pingDatabase, close: closePing } = createDatabasePing(mongoUri);
    stops.push(() => stopInTime('database', () => Promise.all([database.close(), closePing()])));
    const availability = watchAvailability({ client: database.getClient(), log });
    const pool = watchPool(database.getClient(), metrics.onCheckOut);
    metrics.showPool(pool);

    const group = options.group ?? queueGroup;
    const broker = connectNatsStreaming({ ...config.nats, queueGroup: group, log, clock });
    stops.push(() => stopInTime('broker', () => broker.close()));

    const { onVersionsSkipped, onTitleCut, onMessage, onOrderChange, onPublish } = metrics;
    const outboxes = createOutboxStore(orderModel(database));
    const sweepLease = createLease(database, sweepLeaseName);
    const failingOutboxes = createRetrySchedule({ kind: 'outbox', clock, log });
    const relayDeps = { outboxes, sweepLease, broker, clock, log, onPublish };
    const relay = createRelay({ ...relayDeps, failing: failingOutboxes });
    const build = () => prepareDatabase(mongoUri, [orderCollection], { deadlineMs, ...options });
    const holdIndex = watchHoldIndex({ index: createHoldIndexStore(database), build, clock, log });
    metrics.showHoldIndex(holdIndex);
    const [orderRecords, ticketRecords] = [orderModel(database), ticketModel(database)];
    const orders = createOrderStore(orderRecords, ticketRecords, relay, onOrderChange, holdIndex);
    const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
    const deadLetters = createDeadLetterStore(deadLetterModel(database), clock);
    const gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));

    relay.start();
    stops.push(() => stopInTime('relay', () => relay.stop()));

    const gapTimeoutMs = config.ticketGapTimeoutMs;
    const loops = startLoops({
      gapLease: createLease(database, gapLeaseName),
      holdIndex,
      orders,
      gaps,
      broker,
      availability,
      clock,
      log,
      gapTimeoutMs,
      onVersionsSkipped,
    });
    stops.push(() =>
      stopInTime('messages and loops', () => Promise.all([broker.stopReceiving(), loops.stop()])),
    );
    const retrySchedules = [failingOutboxes, ...loops.retrySchedules];
    failingGauges(metrics.registry, { clock, retrySchedules });

    const failures = createMessageFailures({ clock });
    const listenerDeps = { tickets, orders, clock, log, onTitleCut };
    for (const listener of [...ticketListeners(listenerDeps), ...orderListeners(listenerDeps)]) {
      broker.subscribe(listener.subject, (delivery) =>
        receive(
          { deadLetters, failures, log, onMessage },
          handleWithinTime({ availability }, listener),
          delivery,
        ),
      );
    }

    const { parked } = loops;
    const state = { clock, broker, pingDatabase, outboxes, orders, deadLetters, parked };
    refreshGauges = stateGauges(metrics.registry, state);

    const server = await serveOrders({
      ...{ config, log, clock, orders, availability, pool, metrics },
      probes: probesServer ? undefined : probed,
    });
    stops.push(() => stopInTime('requests', () => server.stop()));
    metrics.showServer(server);
    const { isConnected: isBrokerConnected, refusedSubjects } = broker;
    const { isUp: isHoldIndexUp } = holdIndex;
    Object.assign(status, {
      ...{ state: 'serving', pingDatabase, isBrokerConnected, refusedSubjects, isHoldIndexUp },
    });
    stops.push(async () => {
      status.state = 'draining';
      server.startDraining();
      await sleep(config.shutdownDelayMs);
    });

    const probesPort = probesServer?.port ?? server.port;
    log.info({ port: server.port, probesPort }, 'the orders service is serving');
    return { url: localUrl(server.port, address), probesUrl: localUrl(probesPort, address), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
