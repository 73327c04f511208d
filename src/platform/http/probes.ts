import type { Express } from 'express';
import { shareReadWithTimeout } from '../time/share-read-with-timeout.ts';

/** A probe is answered soon, whatever the database does: a ping that takes longer counts as failed. */
const pingWithinMs = 500;

/** What the probes report of this process. */
export interface ProcessStatus {
  /** `draining`: the service is about to stop and wants no new requests, though it still serves those that come. */
  state: 'starting' | 'serving' | 'draining';
  /** Rejects when the database does not answer. Is called while the service serves. */
  pingDatabase(): Promise<unknown>;
  isBrokerConnected(): boolean;
  /** The subjects that the broker does not let this process subscribe to. */
  refusedSubjects(): string[];
  /** What `/readyz` reports besides. */
  details(): Record<string, unknown>;
}

/** The status of a process that has just begun to start. */
export function startingStatus(): ProcessStatus {
  return {
    state: 'starting',
    pingDatabase: () => Promise.reject(new Error('not connected yet')),
    isBrokerConnected: () => false,
    refusedSubjects: () => [],
    details: () => ({}),
  };
}

/**
 * `/healthz`: the process has started, and its event loop turns. `/readyz`: it serves, and does not drain. Database, broker
 * and refused subscriptions are reported and do not count: an outage that all replicas share must make none of them unready,
 * or nobody would be left to answer with a 503 that says when to come back.
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
      // A process that drains says so at once.
      if (state === 'draining')
        return void res.status(503).json({ status: 'stopping', database: 'not asked', broker });
      const database = upOrDown((await ping()) !== undefined);
      const refusedSubscriptions = status.refusedSubjects();
      res.json({
        status: 'ready',
        database,
        broker,
        ...(refusedSubscriptions.length > 0 && { refusedSubscriptions }),
        ...status.details(),
      });
    });
  };
}

function upOrDown(up: boolean): 'up' | 'down' {
  return up ? 'up' : 'down';
}
