import type { Clock } from '../platform/time/clock.ts';

/** A process whose tick is later than this was frozen. A busy event loop delays it less. */
const maxPauseMs = 10_000;

/**
 * Records since when each subject has been subscribed to without a break. The caller must call `tick` every second: only
 * the clock shows that the process was frozen and received no messages.
 */
export function createSubscriptionUptime(clock: Clock) {
  const since = new Map<string, Date>();
  let lastTick = clock();

  function tick(): void {
    const now = clock();
    const wasFrozen = Math.abs(now.getTime() - lastTick.getTime()) > maxPauseMs;
    if (wasFrozen) for (const subject of since.keys()) since.set(subject, now);
    lastTick = now;
  }

  return {
    tick,
    began(subject: string): void {
      tick();
      since.set(subject, clock());
    },
    ended(subject: string): void {
      since.delete(subject);
    },
    allEnded(): void {
      since.clear();
    },
    /** Since when the subject has been subscribed to; undefined while it is not. */
    since(subject: string): Date | undefined {
      tick();
      return since.get(subject);
    },
  };
}
