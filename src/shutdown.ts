import { closeWithinMs, stopReceivingWithinMs } from './messaging/broker.ts';
import { flushWithinMs } from './outbox/relay.ts';
import { probesStopWithinMs } from './platform/http/probes-server.ts';
import { stopWithinMs } from './platform/http/server.ts';
import { withTimeout } from './platform/time/with-timeout.ts';

/** What takes its time to stop, in the order in which it is stopped; the probes answer until the end. */
type ShutdownPart = 'requests' | 'messages and loops' | 'relay' | 'broker' | 'database' | 'probes';

/**
 * How long each part may take to stop, in milliseconds. Together they stay some seconds below the grace
 * (`SHUTDOWN_GRACE_SECONDS`, 25 by default), for a busy machine: a test adds them up.
 */
export const shutdownLimits: Record<ShutdownPart, number> = {
  requests: stopWithinMs + 500,
  // One operation of the database takes 4 s at most. What is not done by then comes again.
  'messages and loops': stopReceivingWithinMs + 500,
  // A publish that is under way when the flush ends may wait for its acknowledgement. It lies in an outbox.
  relay: flushWithinMs + 1_000,
  broker: closeWithinMs + 500,
  database: 2_000,
  probes: probesStopWithinMs + 500,
};

/**
 * Has a part stopped, and waited for no longer than it may take, so that those after it have their time.
 *
 * @throws when it takes longer, naming the part; or what `stop` fails with
 */
export async function stopInTime(
  part: ShutdownPart,
  stop: () => Promise<unknown>,
  limits = shutdownLimits,
): Promise<void> {
  await withTimeout(limits[part], stop(), () => {
    throw new Error(`${part}: not stopped within ${limits[part]} ms`);
  });
}

/**
 * Stops what was started, the last first. One that fails to stop does not keep the others from it.
 *
 * @throws AggregateError when some did
 */
export async function stopInReverse(stops: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of stops.toReversed()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, `not stopped properly: ${failures.join('; ')}`);
}
