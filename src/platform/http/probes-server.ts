import type { Express } from 'express';
import type { Logger } from 'pino';
import { createProbesApp } from './app.ts';
import { type HttpServer, listen } from './server.ts';

/** The paths that the orchestrator and Prometheus request. The limits for clients' requests do not count for these. */
export const probePaths = ['/healthz', '/readyz', '/metrics'];

/** The orchestrator and Prometheus need only a few, also with a separate connection for each probe. */
const [maxConnections, maxRequestsInFlight] = [256, 64];

/**
 * Serves probes and metrics on a separate port, so that the load of clients does not delay them. Without a port it serves
 * nothing.
 *
 * @throws when the port is in use
 */
export async function serveProbes(
  port: number | undefined,
  { address, ...deps }: { log: Logger; probes: (app: Express) => void; address?: string | undefined },
): Promise<HttpServer | undefined> {
  if (port === undefined) return undefined;
  return listen(createProbesApp(deps), port, {
    address,
    limits: {
      ...{ maxConnections, maxRequestsInFlight, exemptPaths: [] },
      isBusy: () => false,
      // The metrics count only refused requests of clients.
      onOverloaded: () => undefined,
      onConnectionDropped: () => undefined,
    },
  });
}
