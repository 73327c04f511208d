import { addMs } from '../../platform/time/clock.ts';
import type { GapStore, ParkedPage, ParkedPosition } from '../store/gap-store.ts';

/** The time that a reading covers where nothing is known yet, in milliseconds. */
const firstWidthMs = 100;
/** A century: all that can have been parked. */
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
  /** When the one was parked that waits longest. */
  since: Date | undefined;
}

export type ParkedWalk = ReturnType<typeof createParkedWalk>;

/**
 * Walks through what is parked, a bounded part at a time, from what was parked last to what was parked first, and then
 * anew. Each reading covers a width of time that follows what the one before has found: a database that reads all that is
 * in a range, whatever the limit, reads little more than it is asked for. Backwards, because before what waits longest
 * there is an emptiness of decades, behind which any width would be too much. Where little is parked, one reading is a walk.
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

  /** Reads on, and adapts the width to what there was. */
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
    /** The next part, at most `limit` updates. It is over before a reading that `shouldContinue` refuses. */
    async next(range: WalkRange, limit: number, shouldContinue: () => boolean): Promise<WalkedPart> {
      const updates: WalkedPart['updates'] = [];
      let found = 0;
      let from = position ?? range.until;
      let isEnd = false;
      // Not until the last one is found: a reading of one or two would say nothing about the width.
      while (!isEnd && found < limit / 2 && shouldContinue()) {
        const page = await read(from, range.backTo, limit - found);
        updates.push(...page.updates);
        found += page.count;
        from = position ?? range.until;
        isEnd = timeOf(from) < range.backTo;
      }
      if (isEnd) {
        // Behind what was dense there was nothing for long, and where the next walk begins it may be dense again.
        if (seen.count > limit) widthMs = firstWidthMs;
        end();
      }
      return { updates, isEnd };
    },

    /** As the last walk has seen it, or the present one where that has seen more. */
    seen(): SeenParked {
      return {
        count: Math.max(seen.count, seenBefore.count),
        since: earliest(seen.since, seenBefore.since),
      };
    },

    /** Another process walks: what this one has seen is no longer so. */
    forget(): void {
      end();
      seenBefore = nothing;
      widthMs = firstWidthMs;
    },
  };
}

const nothing: SeenParked = { count: 0, since: undefined };

const timeOf = (place: ParkedPosition | Date) => (place instanceof Date ? place : place.parkedAt);

const latest = (one: Date, other: Date) => (one > other ? one : other);

const earliest = (one: Date | undefined, other: Date | undefined) =>
  one && other ? (one < other ? one : other) : (one ?? other);
