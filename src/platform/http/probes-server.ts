import type { Express } from 'express';
import type { Logger } from 'pino';
import { createProbesApp } from './app.ts';
import { type HttpServer, listen } from './server.ts';

/** What the orchestrator and Prometheus ask for. The limits for requests of buyers are not for these. */
export const probePaths = ['/healthz', '/readyz', '/metrics'];

/** The orchestrator and Prometheus need a handful, also where each probe has a connection of its own. */
const [maxConnections, maxRequestsInFlight] = [256, 64];

/**
 * Serves probes and metrics on a port of their own, where buyers cannot keep them from being answered; without one
 * nothing is served here.
 *
 * @throws when the port is in use
 */
export async function serveProbes(
  port: number | undefined,
  { address, ...parts }: { log: Logger; probes: (app: Express) => void; address?: string | undefined },
): Promise<HttpServer | undefined> {
  if (port === undefined) return undefined;
  return listen(createProbesApp(parts), port, {
    address,
    limits: {
      ...{ maxConnections, maxRequestsInFlight, exemptPaths: [] },
      isBusy: () => false,
      // What is counted is what buyers are refused.
      onOverloaded: () => undefined,
      onConnectionDropped: () => undefined,
    },
  });
}
