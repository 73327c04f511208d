import type { Logger } from 'pino';
import { operationTimeoutMs } from './platform/mongo/timeouts.ts';
import { sleep } from './platform/time/repeat.ts';
import { withTimeout } from './platform/time/with-timeout.ts';

/**
 * What happens at SIGTERM or SIGINT:
 *
 * 1. Draining. `/readyz` turns 503 and every response closes its connection, for `SHUTDOWN_DELAY_SECONDS`; new requests
 *    are still served, until load balancers have noticed.
 * 2. The parts stop, one after the other, in the order of `shutdownParts`.
 * 3. The last lines of the log are handed over, for `lastLinesMs`.
 *
 * A request or message that is not finished by the end of delay and grace (`SHUTDOWN_GRACE_SECONDS`) was not answered or
 * acknowledged, so it is sent again; an event stays in its outbox. A second signal ends the process at once.
 */

/**
 * The parts in the order in which they stop, with times in milliseconds. After `finishMs` a part abandons its unfinished
 * work; after `limitMs` the next part is stopped. The sum of all limits is some seconds below the grace, for a busy
 * machine; a test checks that.
 */
export const shutdownParts = {
  // Longer than the deadline of a request (reply.ts): a connection still open then has not sent a complete request.
  requests: { finishMs: 5_000, limitMs: 5_500 },
  // A little longer than the time-out of one database operation. Messages not handled by then are delivered again.
  'messages and jobs': { finishMs: operationTimeoutMs + 500, limitMs: operationTimeoutMs + 1_000 },
  // Due events are sent. The last publish may then wait for its acknowledgement.
  relay: { finishMs: 5_000, limitMs: 6_000 },
  // An available broker responds at once.
  broker: { finishMs: 1_000, limitMs: 1_500 },
  database: { finishMs: 2_000, limitMs: 2_000 },
  // Last, so that they respond until the end. A client of the probes loses nothing when its connection is cut.
  probes: { finishMs: 500, limitMs: 1_000 },
};

/** Time for writing out the last log lines, in milliseconds. It comes after the grace and is not part of it. */
export const lastLinesMs = 250;

type ShutdownPart = keyof typeof shutdownParts;
/** Resolves when the part has stopped. After `finish` has aborted, it abandons its unfinished work. */
type Stop = (finish: AbortSignal) => Promise<unknown>;

/**
 * A signal that aborts on SIGTERM or SIGINT, with the name as its `reason`. A second one ends the process at once with
 * exit code 1.
 */
export function shutdownSignal(): AbortSignal {
  const shutdown = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (shutdown.signal.aborted) process.exit(1);
      shutdown.abort(name);
    });
  }
  return shutdown.signal;
}

/**
 * Stops a part.
 *
 * @throws an error that names the part when it takes longer than its limit; or the error of `stop`
 */
export async function stopPart(part: ShutdownPart, stop: Stop, { finishMs, limitMs } = shutdownParts[part]) {
  await withTimeout(limitMs, stop(AbortSignal.timeout(finishMs)), () => {
    throw new Error(`${part}: not stopped within ${limitMs} ms`);
  });
}

export type Shutdown = ReturnType<typeof createShutdown>;

/** Collects what a service has started, and stops it. */
export function createShutdown() {
  const stops = new Map<ShutdownPart, Stop>();
  const drainListeners: (() => void)[] = [];
  let stopping: Promise<void> | undefined;

  async function stopAll(delayMs: number): Promise<void> {
    for (const startDraining of drainListeners) startDraining();
    await sleep(delayMs);
    const failures: unknown[] = [];
    for (const part of Object.keys(shutdownParts) as ShutdownPart[]) {
      const stop = stops.get(part);
      if (stop) await stopPart(part, stop).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `not stopped properly: ${failures.join('; ')}`);
  }

  return {
    /** To be called when a part has started. */
    add(part: ShutdownPart, stop: Stop): void {
      stops.set(part, stop);
    },

    /** Calls `startDraining` when the shutdown begins, `delayMs` before the first part stops. */
    onDraining(startDraining: () => void): void {
      drainListeners.push(startDraining);
    },

    /**
     * Drains for `delayMs`, then stops the parts. When one fails to stop, the others are stopped all the same. Later calls
     * return the same promise.
     *
     * @throws AggregateError when parts failed to stop
     */
    stop(delayMs: number): Promise<void> {
      stopping ??= stopAll(delayMs);
      return stopping;
    },
  };
}

/** Stops a service. Resolves with the exit code. After delay and grace the process exits with 1. */
export async function stopWithinGrace(
  service: { stop(): Promise<void> },
  { shutdownDelayMs, shutdownGraceMs }: { shutdownDelayMs: number; shutdownGraceMs: number },
  log: Logger,
): Promise<number> {
  log.info({ shutdownDelayMs, shutdownGraceMs }, 'stopping');
  const late = setTimeout(() => {
    log.error('not everything was finished in time');
    process.exit(1);
  }, shutdownDelayMs + shutdownGraceMs);
  try {
    await service.stop();
    log.info('stopped');
    return 0;
  } catch (error) {
    log.error({ err: error }, 'stopped, but not properly');
    return 1;
  } finally {
    clearTimeout(late);
  }
}
