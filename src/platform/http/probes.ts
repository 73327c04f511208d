import type { Express } from 'express';
import { shareReadWithTimeout } from '../time/share-read-with-timeout.ts';

/** A ping that takes longer counts as failed, so that a probe gets a fast response. */
const pingWithinMs = 500;

/** What the probes report of this process. */
export interface ProcessStatus {
  /** `draining`: the service is about to stop. It still serves new requests, but should get none. */
  state: 'starting' | 'serving' | 'draining';
  /** Rejects when the database does not respond. Called only in the state `serving`. */
  pingDatabase(): Promise<unknown>;
  isBrokerConnected(): boolean;
  /** The subjects whose subscription the broker refuses. */
  refusedSubjects(): string[];
  /** What in the broker's configuration breaks a promise. */
  brokerProblems(): string[];
  /** Other fields in the response of `/readyz`. */
  details(): Record<string, unknown>;
}

/** The status of a process that is starting. */
export function startingStatus(): ProcessStatus {
  return {
    state: 'starting',
    pingDatabase: () => Promise.reject(new Error('not connected yet')),
    isBrokerConnected: () => false,
    refusedSubjects: () => [],
    brokerProblems: () => [],
    details: () => ({}),
  };
}

/**
 * `/healthz`: the process has started, and its event loop runs. `/readyz`: it serves and does not drain. Database, broker
 * and refused subscriptions are only reported: an outage that all replicas share must not make all of them unready, because
 * then none could send a 503 with `Retry-After`.
 */
export function probes(status: ProcessStatus): (app: Express) => void {
  const ping = shareReadWithTimeout(() => status.pingDatabase(), pingWithinMs);
  return (app) => {
    app.get('/healthz', (_req, res) => {
      if (status.state === 'starting') res.status(503).json({ status: 'starting' });
      else res.json({ status: 'ok', uptimeSeconds: Math.floor(process.uptime()) });
    });
    app.get('/readyz', async (_req, res) => {
      const { state } = status;
      if (state === 'starting') return void res.status(503).json({ status: 'starting' });
      const broker = upOrDown(status.isBrokerConnected());
      // Without waiting for the database.
      if (state === 'draining')
        return void res.status(503).json({ status: 'stopping', database: 'not asked', broker });
      const database = upOrDown((await ping()) !== undefined);
      const refusedSubscriptions = status.refusedSubjects();
      const brokerProblems = status.brokerProblems();
      res.json({
        status: 'ready',
        database,
        broker,
        ...(refusedSubscriptions.length > 0 && { refusedSubscriptions }),
        ...(brokerProblems.length > 0 && { brokerProblems }),
        ...status.details(),
      });
    });
  };
}

function upOrDown(up: boolean): 'up' | 'down' {
  return up ? 'up' : 'down';
}
