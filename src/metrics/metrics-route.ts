import type { Express } from 'express';
import type { Registry } from 'prom-client';

/** `/metrics`, as Prometheus reads it. It answers whatever is away. */
export function metricsRoute(registry: Registry, refresh: () => Promise<void>): (app: Express) => void {
  return (app) => {
    app.get('/metrics', async (_req, res) => {
      await refresh();
      res.set('Content-Type', registry.contentType).send(await registry.metrics());
    });
  };
}
