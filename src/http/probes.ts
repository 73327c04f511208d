import type { Express } from 'express';
import type { Connection } from 'mongoose';
import { sleep } from '../time/repeat.ts';

const answerWithinMs = 1_000;

export interface ProbeParts {
  database: Connection;
  broker: { isConnected(): boolean };
}

/**
 * `/healthz`: the event loop turns. `/readyz`: the database answers, so requests can be served; the broker's
 * state is told but does not count, since orders are taken without it.
 */
export function probes({ database, broker }: ProbeParts): (app: Express) => void {
  return (app) => {
    app.get('/healthz', (_req, res) => {
      res.json({ status: 'ok' });
    });
    app.get('/readyz', async (_req, res) => {
      const databaseUp = await answers(database);
      res.status(databaseUp ? 200 : 503).json({
        status: databaseUp ? 'ready' : 'not ready',
        database: databaseUp ? 'up' : 'down',
        broker: broker.isConnected() ? 'up' : 'down',
      });
    });
  };
}

async function answers(database: Connection): Promise<boolean> {
  const ping = database.db?.command({ ping: 1 }).then(
    () => true,
    () => false,
  );
  const stopWaiting = new AbortController();
  const answer = await Promise.race([ping, sleep(answerWithinMs, stopWaiting.signal).then(() => false)]);
  stopWaiting.abort();
  return answer ?? false;
}
