import type { Express } from 'express';
import type { Logger } from 'pino';
import { createProbesApp } from './app.ts';
import { type HttpServer, listen } from './server.ts';

/** The paths that the orchestrator and Prometheus request. The limits for clients' requests do not count for these. */
export const probePaths = ['/healthz', '/readyz', '/metrics'];

/** The orchestrator and Prometheus need a handful, also where each probe has a connection of its own. */
const [maxConnections, maxRequestsInFlight] = [256, 64];

/**
 * Serves probes and metrics on a port of their own, where clients cannot crowd them out; without a port it serves nothing.
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
      // The metrics count what clients are refused, not probes.
      onOverloaded: () => undefined,
      onConnectionDropped: () => undefined,
    },
  });
}
