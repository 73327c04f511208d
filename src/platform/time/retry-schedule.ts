import type { Logger } from 'pino';
import type { Clock } from './clock.ts';

/** The pause after an item's first failure, in milliseconds. It doubles with every later one. */
const firstPauseMs = 2_000;
const maxPauseMs = 3_600_000;
/** Some MB. Further items are not kept: every pass that finds one tries it again. */
const maxItems = 20_000;
/** The pause of an item that is not kept, if its loop stores the time. */
const unkeptPauseMs = 60_000;

interface Failing {
  failures: number;
  since: Date;
  retryAt: Date;
}

/** The items that fail now. */
export interface FailingItems {
  kind: string;
  count: number;
  /** When the item that has failed longest failed first; undefined when none fails. */
  since: Date | undefined;
}

export type RetrySchedule = ReturnType<typeof createRetrySchedule>;

/**
 * Pauses the items that a loop could not handle: each for a time that grows from seconds to an hour. The first failure of
 * an item and its recovery are logged, with its id. `kind` names the items in logs and metrics. Kept in memory, so each
 * process has its own schedule.
 */
export function createRetrySchedule({ kind, clock, log }: { kind: string; clock: Clock; log: Logger }) {
  const items = new Map<string, Failing>();

  return {
    /** Whether the item has failed and must not be tried yet. */
    isPaused(id: string): boolean {
      const item = items.get(id);
      return item !== undefined && item.retryAt > clock();
    },

    /** Whether the item has failed and has not been handled since, also after its pause. */
    isFailing(id: string): boolean {
      return items.has(id);
    },

    /** At most `limit` failed items whose pause is over, those that failed first in front. */
    due(limit: number): string[] {
      const now = clock();
      const due: string[] = [];
      for (const [id, { retryAt }] of items) {
        if (due.length >= limit) break;
        if (retryAt <= now) due.push(id);
      }
      return due;
    },

    /** To be called when an item could not be handled. Returns when its pause ends. */
    failed(id: string, error: unknown): Date {
      const known = items.get(id);
      const now = clock();
      // Not logged either: thousands have been.
      if (!known && items.size >= maxItems) return new Date(now.getTime() + unkeptPauseMs);
      if (!known) log.error({ kind, id, err: error }, 'item failed, it is left for a while and tried again');
      const failures = (known?.failures ?? 0) + 1;
      const pauseMs = Math.min(maxPauseMs, firstPauseMs * 2 ** (failures - 1));
      const retryAt = new Date(now.getTime() + pauseMs);
      items.set(id, { failures, since: known?.since ?? now, retryAt });
      return retryAt;
    },

    /** To be called when an item was handled or no longer exists. */
    succeeded(id: string): void {
      if (items.delete(id)) log.info({ kind, id }, 'item works again');
    },

    failing(): FailingItems {
      // In the order of their first failures: an item that fails again keeps its position in the map.
      const [first] = items.values();
      return { kind, count: items.size, since: first?.since };
    },
  };
}
