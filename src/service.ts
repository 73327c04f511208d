import type { Express } from 'express';
import type { Logger } from 'pino';
import { apiDescriptionRoutes } from './api-description/routes.ts';
import type { Config } from './config.ts';
import { watchAvailability } from './database/availability.ts';
import { connectDatabase } from './database/connect.ts';
import { createLease } from './database/lease-store.ts';
import { createDatabasePing } from './database/ping.ts';
import { watchPool } from './database/pool.ts';
import { prepareDatabase } from './database/prepare.ts';
import { deadLetterCollection, deadLetterModel } from './dead-letters/dead-letter-model.ts';
import { createDeadLetterStore } from './dead-letters/dead-letter-store.ts';
import { createApp } from './http/app.ts';
import { acceptedKeys, warnOfShortKeys } from './http/jwt-keys.ts';
import { probes, startingStatus } from './http/probes.ts';
import { probePaths, serveProbes } from './http/probes-server.ts';
import { limitRate } from './http/rate-limit.ts';
import { refuseWhileAway } from './http/refuse-while-away.ts';
import { listen } from './http/server.ts';
import { readSession } from './http/session.ts';
import { queueGroup } from './messaging/broker.ts';
import { handleWithinTime } from './messaging/handle-within-time.ts';
import { createMessageFailures } from './messaging/message-failures.ts';
import { connectNatsStreaming } from './messaging/nats-streaming.ts';
import { receive } from './messaging/receive.ts';
import { failingGauges } from './metrics/failing-gauges.ts';
import { createMetrics } from './metrics/metrics.ts';
import { metricsRoute } from './metrics/metrics-route.ts';
import { stateGauges } from './metrics/state-gauges.ts';
import { createExpirySweep, expireOverdueOrders } from './orders/expire-orders.ts';
import { orderListeners } from './orders/order-listeners.ts';
import { orderCollection, orderModel, pendingLimitOf } from './orders/order-model.ts';
import { orderOperations } from './orders/order-operations.ts';
import { orderRoutes } from './orders/order-routes.ts';
import { createOrderStore } from './orders/order-store.ts';
import { createOutboxStore } from './outbox/outbox-store.ts';
import { createRelay } from './outbox/relay.ts';
import { sweepLeaseName } from './outbox/sweep.ts';
import { stopInTime } from './shutdown.ts';
import { createCloseStaleGaps, gapLeaseName } from './tickets/close-stale-gaps.ts';
import { createGapStore } from './tickets/gap-store.ts';
import { ticketListeners } from './tickets/ticket-listeners.ts';
import {
  parkedUpdateCollection,
  parkedUpdateModel,
  ticketCollection,
  ticketModel,
} from './tickets/ticket-model.ts';
import { createTicketStore } from './tickets/ticket-store.ts';
import { type Clock, systemClock } from './time/clock.ts';
import { repeat, sleep } from './time/repeat.ts';
import { createRetrySchedule } from './time/retry-schedule.ts';

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

const sweepEveryMs = 1_000;
/** A full search reads all that is overdue, also what keeps failing. */
const searchEveryMs = 60_000;

/**
 * How many operations may wait for a connection to the database; past it requests are refused. With a pool of 100 all of
 * them get one before their 2 s are over as long as one is used for under 0.8 s; what came on top would only wait for
 * its 503.
 */
const maxWaitingForDatabase = 256;

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
    const probesServer = await serveProbes(config.probesPort, { log, probes: probed });
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

    const { onJump, onMessage, onOrderChange, onPlaced, onPublish, onRefused, onRequest } = metrics;
    const outboxes = createOutboxStore(orderModel(database));
    const sweepLease = createLease(database, sweepLeaseName);
    const failingOutboxes = createRetrySchedule({ kind: 'outbox', clock, log });
    const relayDeps = { outboxes, sweepLease, broker, clock, log, onPublish };
    const relay = createRelay({ ...relayDeps, failing: failingOutboxes });
    const orders = createOrderStore(orderModel(database), ticketModel(database), relay, onOrderChange);
    const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
    const deadLetters = createDeadLetterStore(deadLetterModel(database), clock);
    const gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));
    const ticketGaps = createRetrySchedule({ kind: 'ticket gap', clock, log });
    const closeStaleGaps = createCloseStaleGaps({
      gaps,
      lease: createLease(database, gapLeaseName),
      retries: ticketGaps,
      subscribedSince: broker.subscribedSince,
      gapTimeoutMs: config.ticketGapTimeoutMs,
      clock,
      log,
      onJump,
    });

    relay.start();
    stops.push(() => stopInTime('relay', () => relay.stop()));

    const overdueOrders = createRetrySchedule({ kind: 'overdue order', clock, log });
    // Whatever a loop may fail at, item by item.
    const retrySchedules = [overdueOrders, failingOutboxes, ticketGaps];
    failingGauges(metrics.registry, { clock, retrySchedules });

    const expiry = { orders, clock, retries: overdueOrders };
    const overdueSearch = repeat(
      'overdue orders',
      searchEveryMs,
      availability.skipping((ending) => expireOverdueOrders(expiry, ending)),
      log,
    );
    const expirySweep = createExpirySweep(expiry, overdueSearch.wake);
    const loops = [
      repeat('expiry sweep', sweepEveryMs, availability.skipping(expirySweep), log),
      overdueSearch,
      repeat('parked updates', sweepEveryMs, availability.skipping(closeStaleGaps), log),
    ];
    stops.push(() =>
      stopInTime('messages and loops', () =>
        Promise.all([broker.stopReceiving(), ...loops.map((loop) => loop.stop())]),
      ),
    );

    const failures = createMessageFailures({ clock });
    for (const listener of [...ticketListeners({ tickets, clock }), ...orderListeners({ orders, clock })]) {
      broker.subscribe(listener.subject, (delivery) =>
        receive(
          { deadLetters, failures, log, onMessage },
          handleWithinTime({ availability }, listener),
          delivery,
        ),
      );
    }

    const purchaseLimit = limitRate(config.rateLimitPerMinute);
    stops.push(() => purchaseLimit.stop());

    const state = { clock, broker, pingDatabase, outboxes, orders, gaps, deadLetters };
    refreshGauges = stateGauges(metrics.registry, state);

    const app = createApp({
      apiDescription: await apiDescriptionRoutes(orderOperations),
      log,
      ...(!probesServer && { probes: probed }),
      onRequest,
      trustProxy: config.trustProxy,
      session: readSession(acceptedKeys(config)),
      routes: refuseWhileAway(
        availability,
        orderRoutes({
          orders,
          clock,
          holdMs: config.orderHoldMs,
          maxPending: config.maxPendingOrdersPerUser,
          purchaseLimit: purchaseLimit.handlers,
          onPlaced,
          onRefused,
        }),
      ),
    });
    const server = await listen(app, config.port, {
      limits: {
        ...{ maxRequestsInFlight: config.maxRequestsInFlight, maxConnections: config.maxConnections },
        exemptPaths: probesServer ? [] : probePaths,
        isBusy: () => pool.waiting() >= maxWaitingForDatabase,
        onOverloaded: metrics.onOverloaded,
        onConnectionDropped: metrics.onConnectionDropped,
      },
    });
    stops.push(() => stopInTime('requests', () => server.stop()));
    metrics.showServer(server);
    Object.assign(status, { state: 'serving', pingDatabase, isBrokerConnected: broker.isConnected });
    stops.push(async () => {
      status.state = 'draining';
      server.startDraining();
      await sleep(config.shutdownDelayMs);
    });

    const probesPort = probesServer?.port ?? server.port;
    log.info({ port: server.port, probesPort }, 'the orders service is serving');
    return { url: localUrl(server.port), probesUrl: localUrl(probesPort), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const localUrl = (port: number) => `http://127.0.0.1:${port}`;

async function stopInReverse(stops: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const release of stops.reverse()) await release().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, `not stopped properly: ${failures.join('; ')}`);
}
