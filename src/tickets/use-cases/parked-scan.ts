import { addMs } from '../../platform/time/clock.ts';
import type { GapStore, ParkedPage, ParkedPosition } from '../store/gap-store.ts';

/** The span of time that the first read covers, in milliseconds. */
const firstSpanMs = 100;
/** Before everything that can have been parked. */
const epoch = new Date(0);
/** The time of a failed read is read in so many parts. */
const partsOfFailed = 64;
/** The number of failed reads that are remembered. More would only cost reads while the database is away. */
const maxFailed = 8;

/** Updates that were parked in this time, both ends included. */
interface ScanRange {
  until: Date;
  backTo: Date;
}

/** The time that a failed read covered. Later updates are parked after it, so it never holds more than then. */
type FailedRead = ScanRange;

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
 * When few updates are parked, one read is a whole scan. After an empty time a read may still find more than the database
 * can return in time. It fails then, and the next pass reads the same time in parts.
 */
export function createParkedScan(gaps: Pick<GapStore, 'page'>) {
  let position: ParkedPosition | Date | undefined;
  let spanMs = firstSpanMs;
  let failed: FailedRead[] = [];
  let seen: SeenParked = nothing;
  let seenBefore: SeenParked = nothing;

  function end(): void {
    seenBefore = seen;
    seen = nothing;
    position = undefined;
  }

  /** Reads the next page, and adapts the span to what it has found. */
  async function read(from: ParkedPosition | Date, backTo: Date, limit: number) {
    const until = timeOf(from);
    const notBefore = failed.map((one) => firstPartOf(one, until)).reduce(latest, epoch);
    spanMs = Math.max(1, Math.min(spanMs, until.getTime() - notBefore.getTime()));
    const start = latest(backTo, addMs(until, -spanMs));
    const page = await gaps.page({ from, backTo: start }, limit).catch((error) => {
      failed = [{ until, backTo: start }, ...failed].slice(0, maxFailed);
      throw error;
    });
    const { count, newest, oldest, next } = page;
    seen = { count: seen.count + count, since: oldest ?? seen.since };
    // The first millisecond that has not been read.
    position = next ?? addMs(start, -1);
    if (next && newest && oldest) spanMs = Math.max(1, newest.getTime() - oldest.getTime());
    else if (count < limit / 2) spanMs *= count === 0 ? 4 : 2;
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
        else failed = [];
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

/** How far back a read from this time may go: to the time of the failed read, or over a part of it. */
function firstPartOf(failed: FailedRead, from: Date): Date {
  if (from > failed.until) return failed.until;
  if (from <= failed.backTo) return epoch;
  return addMs(from, -Math.ceil((failed.until.getTime() - failed.backTo.getTime()) / partsOfFailed));
}

const timeOf = (position: ParkedPosition | Date) => (position instanceof Date ? position : position.parkedAt);

const latest = (one: Date, other: Date) => (one > other ? one : other);

const earliest = (one: Date | undefined, other: Date | undefined) =>
  one && other ? (one < other ? one : other) : (one ?? other);
