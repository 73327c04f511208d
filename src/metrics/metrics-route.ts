import type { Express } from 'express';
import type { Registry } from 'prom-client';
import { overloaded } from '../platform/http/common-errors.ts';
import { shareWhileRunning } from '../platform/time/share-while-running.ts';

/**
 * Maximum of responses that are sent at the same time; each replica of Prometheus has one. No other limit applies to them,
 * and a response that its client does not read keeps its text in memory.
 */
const maxResponses = 16;

/** `/metrics`, as Prometheus reads it, also during outages. Requests of the same moment share one text. */
export function metricsRoute(registry: Registry, refresh: () => Promise<void>): (app: Express) => void {
  let responses = 0;
  const build = shareWhileRunning(async () => {
    await refresh();
    return registry.metrics();
  });

  return (app) => {
    app.get('/metrics', async (_req, res) => {
      if (responses >= maxResponses) {
        const message = 'Too many ask for the metrics, please try again';
        const { status, headers, problems } = overloaded.error({ message, retryAfterSeconds: 1 });
        return void res.status(status).set(headers).json({ errors: problems });
      }
      responses++;
      res.once('close', () => responses--);
      res.set('Content-Type', registry.contentType).send(await build());
    });
  };
}
