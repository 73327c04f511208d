import type { Logger } from 'pino';
import { apiDescriptionRoutes } from './api-description/routes.ts';
import type { Config } from './config.ts';
import { connectDatabase } from './database/connect.ts';
import { createLease } from './database/lease-store.ts';
import { prepareDatabase } from './database/prepare.ts';
import { deadLetterCollection, deadLetterModel } from './dead-letters/dead-letter-model.ts';
import { createDeadLetterStore } from './dead-letters/dead-letter-store.ts';
import { createApp } from './http/app.ts';
import { acceptedKeys, warnOfShortKeys } from './http/jwt-keys.ts';
import { probes } from './http/probes.ts';
import { limitRate } from './http/rate-limit.ts';
import { listen } from './http/server.ts';
import { readSession } from './http/session.ts';
import { queueGroup } from './messaging/broker.ts';
import { connectNatsStreaming } from './messaging/nats-streaming.ts';
import { receive } from './messaging/receive.ts';
import { createMetrics } from './metrics/metrics.ts';
import { metricsRoute } from './metrics/metrics-route.ts';
import { stateGauges } from './metrics/state-gauges.ts';
import { expireOverdueOrders } from './orders/expire-orders.ts';
import { orderListeners } from './orders/order-listeners.ts';
import { orderCollection, orderModel, pendingLimitOf } from './orders/order-model.ts';
import { orderOperations } from './orders/order-operations.ts';
import { orderRoutes } from './orders/order-routes.ts';
import { createOrderStore } from './orders/order-store.ts';
import { createOutboxStore } from './outbox/outbox-store.ts';
import { createRelay } from './outbox/relay.ts';
import { sweepLeaseName } from './outbox/sweep.ts';
import { tendGaps } from './tickets/replicate-ticket.ts';
import { ticketListeners } from './tickets/ticket-listeners.ts';
import { parkedUpdateCollection, parkedUpdateModel, ticketModel } from './tickets/ticket-model.ts';
import { createTicketStore } from './tickets/ticket-store.ts';
import { type Clock, systemClock } from './time/clock.ts';
import { repeat, sleep } from './time/repeat.ts';
import { createRetrySchedule } from './time/retry-schedule.ts';

export interface Service {
  /** Where it listens, as a local client reaches it. */
  url: string;
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

const databaseDeadlineMs = 30_000;
const sweepEveryMs = 1_000;

/**
 * Starts the service: database and indexes first, then HTTP, with the broker connecting in the background.
 * Several services can run in one process.
 *
 * @throws when the database does not answer within 30 s, an index stands in the way or the port is in use;
 *   what had been started is stopped then
 */
export async function startService(config: Config, options: ServiceOptions): Promise<Service> {
  const { log, clock = systemClock } = options;
  const stops: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopInReverse(stops));

  try {
    warnOfShortKeys(config, log);
    const { mongoUri } = config;
    const limited = config.maxPendingOrdersPerUser > 0 ? [pendingLimitOf] : [];
    const collections = [orderCollection, ...limited, parkedUpdateCollection, deadLetterCollection];
    await prepareDatabase(mongoUri, collections, { deadlineMs: databaseDeadlineMs, ...options });
    const database = await connectDatabase(mongoUri, {
      deadlineMs: databaseDeadlineMs,
      operations: 'bounded',
      ...options,
    });
    stops.push(() => database.close());

    const broker = connectNatsStreaming({ ...config.nats, queueGroup: options.group ?? queueGroup, log });
    stops.push(() => broker.close());

    const metrics = createMetrics();
    const { onJump, onMessage, onOrderChange, onPlaced, onPublish, onRefused, onRequest } = metrics;
    const outboxes = createOutboxStore(orderModel(database));
    const sweepLease = createLease(database, sweepLeaseName);
    const failingOutboxes = createRetrySchedule({ kind: 'outbox', clock, log });
    const relayDeps = { outboxes, sweepLease, broker, clock, log, onPublish };
    const relay = createRelay({ ...relayDeps, failing: failingOutboxes });
    const orders = createOrderStore(orderModel(database), ticketModel(database), relay, onOrderChange);
    const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
    const deadLetters = createDeadLetterStore(deadLetterModel(database), clock);
    const replication = { tickets, clock, log, gapTimeoutMs: config.ticketGapTimeoutMs, onJump };

    relay.start();
    stops.push(() => relay.stop());

    const loops = [
      repeat('expiry sweep', sweepEveryMs, (ending) => expireOverdueOrders({ orders, clock }, ending), log),
      repeat('parked updates', sweepEveryMs, (ending) => tendGaps(replication, ending), log),
    ];
    stops.push(() => Promise.all(loops.map((loop) => loop.stop())));

    for (const listener of [...ticketListeners(replication), ...orderListeners({ orders, clock })]) {
      broker.subscribe(listener.subject, (delivery) =>
        receive({ deadLetters, log, onMessage }, listener, delivery),
      );
    }
    stops.push(() => broker.stopReceiving());

    const purchaseLimit = limitRate(config.rateLimitPerMinute);
    stops.push(() => purchaseLimit.stop());

    const pingDatabase = async () => database.getClient().db().command({ ping: 1 });
    const state = { clock, broker, pingDatabase, outboxes, orders, tickets, deadLetters };

    const readiness = { leaving: false };
    const app = createApp({
      apiDescription: await apiDescriptionRoutes(orderOperations),
      log,
      probes: probes({ pingDatabase, broker, readiness }),
      metrics: metricsRoute(metrics.registry, stateGauges(metrics.registry, state)),
      onRequest,
      trustProxy: config.trustProxy,
      session: readSession(acceptedKeys(config)),
      routes: orderRoutes({
        orders,
        clock,
        holdMs: config.orderHoldMs,
        maxPending: config.maxPendingOrdersPerUser,
        purchaseLimit: purchaseLimit.handlers,
        onPlaced,
        onRefused,
      }),
    });
    const server = await listen(app, config.port);
    stops.push(() => server.stop());
    stops.push(async () => {
      readiness.leaving = true;
      server.announceEnd();
      await sleep(config.shutdownDelayMs);
    });

    log.info({ port: server.port }, 'the orders service is serving');
    return { url: `http://127.0.0.1:${server.port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function stopInReverse(stops: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const release of stops.reverse()) await release().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, `not stopped properly: ${failures.join('; ')}`);
}
