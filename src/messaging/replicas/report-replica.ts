import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { type Pass, repeat } from '../../platform/time/repeat.ts';
import { withTimeout } from '../../platform/time/with-timeout.ts';
import type { Replica, ReplicaStore } from './replica-store.ts';

const reportEveryMs = 10_000;
/** A database that is away must not delay the end of the process. */
const removeWithinMs = 500;

export interface ReplicaReportDeps extends Pick<Replica, 'broker' | 'paused'> {
  replicas: Pick<ReplicaStore, 'report' | 'remove' | 'removeAbandoned'>;
  /** Makes a pass do nothing while the database is away. */
  skipping: (pass: Pass) => Pass;
  log: Logger;
}

/**
 * Reports this process to the operators' `broker lag`, now and every 10 s: one small write. Resolves once the first report is
 * stored, so no event is sent by a process that nobody knows of.
 *
 * @throws when the database does not store it
 */
export async function reportReplica(deps: ReplicaReportDeps): Promise<{ stop(): Promise<void> }> {
  const { replicas, broker, paused, skipping, log } = deps;
  const id = randomBytes(12).toString('hex');
  const replica = { host: hostname(), pid: process.pid, broker, paused };
  const report = () => replicas.report(id, replica);
  await report();
  await replicas.removeAbandoned();
  const reporting = repeat('replica report', reportEveryMs, skipping(report), log);
  return {
    /** To be called when this process sends nothing any more. What is not removed counts as sending for a while. */
    async stop() {
      await reporting.stop();
      const tooLate = () => {
        throw new Error('no response in time');
      };
      await withTimeout(removeWithinMs, replicas.remove(id), tooLate).catch((error: unknown) =>
        log.warn({ reason: String(error) }, 'this replica is listed as present for some minutes more'),
      );
    },
  };
}
