import { addMs } from '../../platform/time/clock.ts';
import type { GapStore, ParkedPage, ParkedPosition } from '../store/gap-store.ts';

/** The span of time that the first read covers, in milliseconds. */
const firstSpanMs = 100;
/** A century: everything that can have been parked. */
const maxSpanMs = 100 * 365 * 86_400_000;

/** Updates that were parked in this time, both ends included. */
interface ScanRange {
  until: Date;
  backTo: Date;
}

export interface ScanPart {
  updates: ParkedPage['updates'];
  /** Whether this is the last part of the scan. The next call starts a new scan. */
  isEnd: boolean;
}

/** The parked updates that scans have read. */
export interface SeenParked {
  count: number;
  /** When the oldest of them was parked. */
  since: Date | undefined;
}

export type ParkedScan = ReturnType<typeof createParkedScan>;

/**
 * Scans the parked updates in parts of limited size, from the newest to the oldest, and then starts again. Each read
 * covers a span of time that depends on how much the last read found, because some databases read the whole range and
 * ignore the limit. Newest first, because the long empty time before the oldest update would make the span too large.
 * When few updates are parked, one read is a whole scan.
 */
export function createParkedScan(gaps: Pick<GapStore, 'page'>) {
  let position: ParkedPosition | Date | undefined;
  let spanMs = firstSpanMs;
  let seen: SeenParked = nothing;
  let seenBefore: SeenParked = nothing;

  function end(): void {
    seenBefore = seen;
    seen = nothing;
    position = undefined;
  }

  /** Reads the next page, and adapts the span to what it has found. */
  async function read(from: ParkedPosition | Date, backTo: Date, limit: number) {
    const start = latest(backTo, addMs(timeOf(from), -spanMs));
    const page = await gaps.page({ from, backTo: start }, limit);
    const { count, newest, oldest, next } = page;
    seen = { count: seen.count + count, since: oldest ?? seen.since };
    // The first millisecond that has not been read.
    position = next ?? addMs(start, -1);
    if (next && newest && oldest) spanMs = Math.max(1, newest.getTime() - oldest.getTime());
    else if (count < limit / 2) spanMs = Math.min((count === 0 ? 4 : 2) * spanMs, maxSpanMs);
    return page;
  }

  return {
    /** The next part, at most `limit` updates. It ends early when `shouldContinue` returns false. */
    async next(range: ScanRange, limit: number, shouldContinue: () => boolean): Promise<ScanPart> {
      const updates: ScanPart['updates'] = [];
      let found = 0;
      let from = position ?? range.until;
      let isEnd = false;
      // Half the limit is enough: a read of one or two updates more would not show which span fits.
      while (!isEnd && found < limit / 2 && shouldContinue()) {
        const page = await read(from, range.backTo, limit - found);
        updates.push(...page.updates);
        found += page.count;
        from = position ?? range.until;
        isEnd = timeOf(from) < range.backTo;
      }
      if (isEnd) {
        // After a long empty time the span is large, but there may be many new updates where the next scan starts.
        if (seen.count > limit) spanMs = firstSpanMs;
        end();
      }
      return { updates, isEnd };
    },

    /** What the last complete scan has read, or the current one if it has read more. */
    seen(): SeenParked {
      return {
        count: Math.max(seen.count, seenBefore.count),
        since: earliest(seen.since, seenBefore.since),
      };
    },

    /** Called when another process scans: what this one has read is out of date. */
    forget(): void {
      end();
      seenBefore = nothing;
      spanMs = firstSpanMs;
    },
  };
}

const nothing: SeenParked = { count: 0, since: undefined };

const timeOf = (position: ParkedPosition | Date) => (position instanceof Date ? position : position.parkedAt);

const latest = (one: Date, other: Date) => (one > other ? one : other);

const earliest = (one: Date | undefined, other: Date | undefined) =>
  one && other ? (one < other ? one : other) : (one ?? other);
