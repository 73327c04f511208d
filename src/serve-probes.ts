import type { Express } from 'express';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { createMetrics } from './metrics/metrics.ts';
import { metricsRoute } from './metrics/metrics-route.ts';
import { type ProcessStatus, probes, startingStatus } from './platform/http/probes.ts';
import { serveProbes } from './platform/http/probes-server.ts';
import type { Shutdown } from './shutdown.ts';

export interface ProbesDeps {
  config: Config;
  log: Logger;
  metrics: ReturnType<typeof createMetrics>;
  shutdown: Shutdown;
}

/**
 * Creates the routes of probes and metrics, and serves them at once if they have their own port. The probes report
 * `starting` until `becomeReady` is called, and `draining` once the shutdown begins.
 *
 * @throws when the port is in use
 */
export async function startProbes({ config, log, metrics, shutdown }: ProbesDeps) {
  const status = startingStatus();
  let refreshGauges = () => Promise.resolve();
  const routes = (app: Express) => {
    probes(status)(app);
    metricsRoute(metrics.registry, () => refreshGauges())(app);
  };
  const { probesPort, listenAddress: address } = config;
  const server = await serveProbes(probesPort, { address, log, probes: routes });
  if (server) shutdown.add('probes', server.stop);
  shutdown.onDraining(() => {
    status.state = 'draining';
  });
  return {
    /** The port of the probes; undefined when the orders' port has to serve them, too. */
    port: server?.port,
    routes: server ? undefined : routes,
    /** To be called when the service serves requests. `refresh` reads the values of the gauges. */
    becomeReady(checks: Omit<ProcessStatus, 'state'>, refresh: () => Promise<void>): void {
      refreshGauges = refresh;
      Object.assign(status, checks, { state: 'serving' });
    },
  };
}
