import type { Express } from 'express';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { createMetrics } from './metrics/metrics.ts';
import { orderHttp } from './orders/http/order-endpoints.ts';
import { ordersPath } from './orders/http/paths.ts';
import { tooManyPurchases } from './orders/http/purchase-errors.ts';
import type { OrderStore } from './orders/store/order-store.ts';
import { createApp } from './platform/http/app.ts';
import { clientAddresses } from './platform/http/client-addresses.ts';
import { acceptedKeys } from './platform/http/jwt-keys.ts';
import { probePaths } from './platform/http/probes-server.ts';
import { limitRate } from './platform/http/rate-limit.ts';
import { refuseWhileAway } from './platform/http/refuse-while-away.ts';
import { type HttpServer, listen } from './platform/http/server.ts';
import { readSession } from './platform/http/session.ts';
import type { Availability } from './platform/mongo/availability.ts';
import type { ConnectionPool } from './platform/mongo/connection-pool.ts';
import { apiDescriptionRoutes } from './platform/openapi/description-routes.ts';
import type { Clock } from './platform/time/clock.ts';

export interface ServeOrdersDeps {
  config: Config;
  log: Logger;
  clock: Clock;
  orders: OrderStore;
  /** How long who has let a ticket go cannot hold it again, in milliseconds. */
  cooldownMs: () => number;
  availability: Availability;
  pool: ConnectionPool;
  metrics: ReturnType<typeof createMetrics>;
  /** Undefined when the probes have a separate port. */
  probes: ((app: Express) => void) | undefined;
}

/**
 * How many operations may wait for a connection to the database; beyond it requests are refused. With a pool of 100 all of
 * them get one within 2 s if each is used for less than 0.8 s; more operations would only wait for their 503.
 */
const maxWaitingForDatabase = 256;

/**
 * Serves the orders over HTTP on the configured port.
 *
 * @throws when the port is in use
 */
export async function serveOrders(deps: ServeOrdersDeps): Promise<HttpServer> {
  const { config, log, clock, orders, cooldownMs, availability, pool, metrics, probes } = deps;
  const { onPlaced, onRefused, onRequest, onOverloaded, onConnectionDropped } = metrics;
  const purchaseLimit = limitRate({
    perMinute: config.rateLimitPerMinute,
    toError: (perMinute) => tooManyPurchases.error({ perMinute }),
  });
  const http = orderHttp(config.statusNames);
  const routes = http.routes({
    orders,
    clock,
    holdMs: config.orderHoldMs,
    extensionMs: config.orderExtensionMs,
    holdLimitMs: config.orderHoldLimitMs,
    maxPending: config.maxPendingOrdersPerUser,
    eventSpacingMs: config.eventSpacingMs,
    cooldownMs,
    listSort: config.listSort,
    purchaseLimit: purchaseLimit.handlers,
    onPlaced,
    onRefused,
  });
  const app = createApp({
    apiDescription: await apiDescriptionRoutes(http.api),
    log,
    ...(probes && { probes }),
    onRequest,
    trustProxy: config.trustProxy,
    allowedOrigins: config.allowedOrigins,
    session: readSession(acceptedKeys(config)),
    routes: refuseWhileAway({ awayMs: availability.awayMs, path: ordersPath, routes }),
  });
  const { maxRequestsInFlight, maxConnections, maxConnectionsPerAddress } = config;
  const listening = listen(app, config.port, {
    address: config.listenAddress,
    timeouts: { idleMs: config.keepAliveMs },
    limits: {
      ...{ maxRequestsInFlight, maxConnections, maxConnectionsPerAddress },
      ...clientAddresses(app, config.trustProxy),
      exemptPaths: probes ? probePaths : [],
      isBusy: () => pool.waiting() >= maxWaitingForDatabase,
      onOverloaded,
      onConnectionDropped,
    },
  });
  const server = await listening.catch(async (error: unknown) => {
    await purchaseLimit.stop();
    throw error;
  });
  return {
    ...server,
    async stop(finish) {
      await server.stop(finish);
      await purchaseLimit.stop();
    },
  };
}
