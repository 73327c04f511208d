import type { Express } from 'express';
import type { Registry } from 'prom-client';
import { overloaded } from '../platform/http/common-errors.ts';
import { shareWhileRunning } from '../platform/time/share-while-running.ts';

/**
 * How many answers may be on their way. Prometheus and its replicas have one each. They are let in however busy the process
 * is, also where anybody can ask, and each that nobody reads keeps its text in memory.
 */
const maxAnswers = 16;

/** `/metrics`, as Prometheus reads it. It answers whatever is away. Those who ask at once share one text. */
export function metricsRoute(registry: Registry, refresh: () => Promise<void>): (app: Express) => void {
  let answers = 0;
  const build = shareWhileRunning(async () => {
    await refresh();
    return registry.metrics();
  });

  return (app) => {
    app.get('/metrics', async (_req, res) => {
      if (answers >= maxAnswers) {
        const message = 'Too many ask for the metrics, please try again';
        const { status, headers, problems } = overloaded.error({ message, retryAfterSeconds: 1 });
        return void res.status(status).set(headers).json({ errors: problems });
      }
      answers++;
      res.once('close', () => answers--);
      res.set('Content-Type', registry.contentType).send(await build());
    });
  };
}
