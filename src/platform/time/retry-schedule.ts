import type { Logger } from 'pino';
import type { Clock } from './clock.ts';

/** The pause after an item's first failure, in milliseconds. It doubles with every later one. */
const firstPauseMs = 2_000;
const maxPauseMs = 3_600_000;
/** Some MB. An item that finds no room is not kept: it is tried again whenever a pass meets it. */
const maxItems = 20_000;
/** The pause of such an item, where its loop can keep one for it. */
const unkeptPauseMs = 60_000;

interface Failing {
  failures: number;
  since: Date;
  retryAt: Date;
}

/** What fails at present. */
export interface FailingItems {
  kind: string;
  count: number;
  /** When the one that has been failing for longest began to; undefined when none fails. */
  since: Date | undefined;
}

export type RetrySchedule = ReturnType<typeof createRetrySchedule>;

/**
 * Keeps the items that a loop could not handle out of its way: each has a pause that grows from seconds to an hour. Of
 * each the first failure is logged, with its id, and the end. `kind` says in logs and metrics what the items are. Kept in
 * memory, so another process, or the next one, finds out by itself.
 */
export function createRetrySchedule({ kind, clock, log }: { kind: string; clock: Clock; log: Logger }) {
  const items = new Map<string, Failing>();

  return {
    /** Whether the item has failed and is not to be tried yet. */
    isPaused(id: string): boolean {
      const item = items.get(id);
      return item !== undefined && item.retryAt > clock();
    },

    /** Whether the item has failed and not been handled since, be its pause over or not. */
    isFailing(id: string): boolean {
      return items.has(id);
    },

    /** Items that have failed and may be tried again, those that failed first in front, at most `limit`. */
    due(limit: number): string[] {
      const now = clock();
      const due: string[] = [];
      for (const [id, { retryAt }] of items) {
        if (due.length >= limit) break;
        if (retryAt <= now) due.push(id);
      }
      return due;
    },

    /** The item could not be handled: it is left for a pause, until the moment that is returned. */
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

    /** The item was handled, or is gone. */
    succeeded(id: string): void {
      if (items.delete(id)) log.info({ kind, id }, 'item works again');
    },

    failing(): FailingItems {
      // In the order in which they began to fail: an item that fails again keeps its position in the map.
      const [first] = items.values();
      return { kind, count: items.size, since: first?.since };
    },
  };
}
