import type { Express } from 'express';
import { inTime } from '../time/in-time.ts';

/** Less than the orchestrator waits for a probe (infra/k8s). A database that is only slow must not take all replicas away. */
const answerWithinMs = 2_500;

export interface ProbeParts {
  /** Rejects when the database does not answer. */
  pingDatabase: () => Promise<unknown>;
  broker: { isConnected(): boolean };
  /** `leaving`: the service is about to stop and wants no new requests, though it still serves those that come. */
  readiness: { leaving: boolean };
}

/**
 * `/healthz`: the event loop turns. `/readyz`: the database answers and the service is there to stay, so requests can
 * be sent; the broker's state is told but does not count, since orders are taken without it.
 */
export function probes({ pingDatabase, broker, readiness }: ProbeParts): (app: Express) => void {
  const ping = inTime(pingDatabase, answerWithinMs);
  return (app) => {
    app.get('/healthz', (_req, res) => {
      res.json({ status: 'ok', uptimeSeconds: Math.floor(process.uptime()) });
    });
    app.get('/readyz', async (_req, res) => {
      // Who leaves says so at once, whatever the database does.
      const database = readiness.leaving ? 'not asked' : upOrDown((await ping()) !== undefined);
      const status = statusOf(readiness.leaving, database);
      res.status(status === 'ready' ? 200 : 503).json({
        status,
        database,
        broker: upOrDown(broker.isConnected()),
      });
    });
  };
}

function statusOf(leaving: boolean, database: string): 'ready' | 'not ready' | 'stopping' {
  if (leaving) return 'stopping';
  return database === 'up' ? 'ready' : 'not ready';
}

function upOrDown(up: boolean): 'up' | 'down' {
  return up ? 'up' : 'down';
}
