import { addMs } from '../../platform/time/clock.ts';
import type { GapStore, ParkedPage, ParkedPosition } from '../store/gap-store.ts';

/** The time that the first read covers, in milliseconds. */
const firstWidthMs = 100;
/** A century: everything that can have been parked. */
const widestMs = 100 * 365 * 86_400_000;

/** A span of time, both ends included. */
interface WalkRange {
  until: Date;
  backTo: Date;
}

export interface WalkedPart {
  updates: ParkedPage['updates'];
  /** Whether the walk has come to its end; the next part is the first of another. */
  isEnd: boolean;
}

/** What is parked, as walks have seen it. */
export interface SeenParked {
  count: number;
  /** When the update that waits longest was parked. */
  since: Date | undefined;
}

export type ParkedWalk = ReturnType<typeof createParkedWalk>;

/**
 * Walks through what is parked, a limited part at a time, from the newest update to the oldest, and then again from the
 * newest. Each read covers a width of time that depends on what the last one has found: so a database that reads a whole
 * range, whatever the limit, reads little more than is needed. Backwards, because there is nothing in the decades before
 * the oldest update, and no width would fit there. When little is parked, one read is a walk.
 */
export function createParkedWalk(gaps: Pick<GapStore, 'page'>) {
  let position: ParkedPosition | Date | undefined;
  let widthMs = firstWidthMs;
  let seen: SeenParked = nothing;
  let seenBefore: SeenParked = nothing;

  function end(): void {
    seenBefore = seen;
    seen = nothing;
    position = undefined;
  }

  /** Reads the next page, and adapts the width to what it has found. */
  async function read(from: ParkedPosition | Date, backTo: Date, limit: number) {
    const start = latest(backTo, addMs(timeOf(from), -widthMs));
    const page = await gaps.page({ from, backTo: start }, limit);
    const { count, newest, oldest, next } = page;
    seen = { count: seen.count + count, since: oldest ?? seen.since };
    // The first millisecond that has not been read.
    position = next ?? addMs(start, -1);
    if (next && newest && oldest) widthMs = Math.max(1, newest.getTime() - oldest.getTime());
    else if (count < limit / 2) widthMs = Math.min((count === 0 ? 4 : 2) * widthMs, widestMs);
    return page;
  }

  return {
    /** The next part, at most `limit` updates. It ends early when `shouldContinue` returns false. */
    async next(range: WalkRange, limit: number, shouldContinue: () => boolean): Promise<WalkedPart> {
      const updates: WalkedPart['updates'] = [];
      let found = 0;
      let from = position ?? range.until;
      let isEnd = false;
      // Half the limit is enough: a last read of one or two updates would say nothing about the width.
      while (!isEnd && found < limit / 2 && shouldContinue()) {
        const page = await read(from, range.backTo, limit - found);
        updates.push(...page.updates);
        found += page.count;
        from = position ?? range.until;
        isEnd = timeOf(from) < range.backTo;
      }
      if (isEnd) {
        // After a long empty time the width is large, and where the next walk begins the updates may be dense.
        if (seen.count > limit) widthMs = firstWidthMs;
        end();
      }
      return { updates, isEnd };
    },

    /** As the last walk has seen it, or the present one if that has seen more. */
    seen(): SeenParked {
      return {
        count: Math.max(seen.count, seenBefore.count),
        since: earliest(seen.since, seenBefore.since),
      };
    },

    /** Another process walks now: what this one has seen is out of date. */
    forget(): void {
      end();
      seenBefore = nothing;
      widthMs = firstWidthMs;
    },
  };
}

const nothing: SeenParked = { count: 0, since: undefined };

const timeOf = (position: ParkedPosition | Date) => (position instanceof Date ? position : position.parkedAt);

const latest = (one: Date, other: Date) => (one > other ? one : other);

const earliest = (one: Date | undefined, other: Date | undefined) =>
  one && other ? (one < other ? one : other) : (one ?? other);
