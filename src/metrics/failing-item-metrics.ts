import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../platform/time/clock.ts';
import type { RetrySchedule } from '../platform/time/retry-schedule.ts';

/** How many items each loop of this process fails to handle, and since when, by kind. Read from memory. */
export function failingItemMetrics(
  registry: Registry,
  { clock, retrySchedules }: { clock: Clock; retrySchedules: readonly Pick<RetrySchedule, 'failing'>[] },
): void {
  new Gauge({
    registers: [registry],
    labelNames: ['kind'],
    name: 'orders_failing_items',
    help: 'Items that cannot be handled at present and are tried again and again, by kind, up to 20000 of each',
    collect() {
      for (const { kind, count } of retrySchedules.map((schedule) => schedule.failing()))
        this.set({ kind }, count);
    },
  });
  new Gauge({
    registers: [registry],
    labelNames: ['kind'],
    name: 'orders_failing_oldest_seconds',
    help: 'How long the one that has been failing for longest has been, by kind',
    collect() {
      const now = clock().getTime();
      for (const { kind, since } of retrySchedules.map((schedule) => schedule.failing()))
        this.set({ kind }, since ? Math.max(0, (now - since.getTime()) / 1_000) : 0);
    },
  });
}
