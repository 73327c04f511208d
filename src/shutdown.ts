import type { Logger } from 'pino';
import { operationTimeoutMs } from './platform/mongo/timeouts.ts';
import { sleep } from './platform/time/repeat.ts';
import { withTimeout } from './platform/time/with-timeout.ts';

/**
 * What happens at SIGTERM or SIGINT:
 *
 * 1. Draining. `/readyz` turns 503 and every response closes its connection, for `SHUTDOWN_DELAY_SECONDS`; new requests
 *    are still served, until whoever sends them has noticed.
 * 2. The parts stop, one after the other, in the order of `shutdownParts`.
 * 3. The last lines of the log are handed over, for `lastLinesMs`.
 *
 * What is not finished by the end of delay and grace (`SHUTDOWN_GRACE_SECONDS`) was not answered or acknowledged either,
 * or is in an outbox: it comes again. A second signal ends the process at once.
 */

/**
 * What takes its time to stop, first to last, in milliseconds. After `finishMs` a part gives up what it has not finished;
 * it is waited for no longer than `limitMs`. All limits together stay some seconds below the grace, for a busy machine: a
 * test adds them up.
 */
export const shutdownParts = {
  // Longer than a request is worked on (reply.ts): what is still open then has not sent a whole request.
  requests: { finishMs: 5_000, limitMs: 5_500 },
  // A little longer than one operation of the database takes. What is not done by then is delivered again.
  'messages and jobs': { finishMs: operationTimeoutMs + 500, limitMs: operationTimeoutMs + 1_000 },
  // What is due is sent. A publish may have to wait for its acknowledgement after that.
  relay: { finishMs: 5_000, limitMs: 6_000 },
  // A broker that is there answers at once.
  broker: { finishMs: 1_000, limitMs: 1_500 },
  database: { finishMs: 2_000, limitMs: 2_000 },
  // They answer until the end. Nobody who asks here loses anything by an end in the middle.
  probes: { finishMs: 500, limitMs: 1_000 },
};

/** How long the last lines of the log may take to whoever reads it: after the grace, so that it is no part of it. */
export const lastLinesMs = 250;

type ShutdownPart = keyof typeof shutdownParts;
/** Resolves when the part has stopped; it finishes nothing more once `finish` has aborted. */
type Stop = (finish: AbortSignal) => Promise<unknown>;

/**
 * A signal that aborts when the process is asked to end, by SIGTERM or SIGINT; its `reason` is which. Asked once more
 * it ends at once with exit code 1, whatever it is doing.
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
 * @throws when it takes longer than its limit, naming the part; or what `stop` fails with
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
    /** The part has started. */
    add(part: ShutdownPart, stop: Stop): void {
      stops.set(part, stop);
    },

    /** Calls `startDraining` when the shutdown begins, `delayMs` before the first part stops. */
    onDraining(startDraining: () => void): void {
      drainListeners.push(startDraining);
    },

    /**
     * Drains for `delayMs`, then stops what has been started. A part that fails to stop does not keep the others from it.
     * Called again it returns the same promise.
     *
     * @throws AggregateError when some failed to stop
     */
    stop(delayMs: number): Promise<void> {
      stopping ??= stopAll(delayMs);
      return stopping;
    },
  };
}

/** Stops a service within delay and grace: then the process exits with 1. Resolves with the exit code. */
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
