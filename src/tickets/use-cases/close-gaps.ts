import { isOutage } from '../../platform/mongo/database-errors.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { RetrySchedule } from '../../platform/time/retry-schedule.ts';
import { decide, implausibility } from '../domain/ticket.ts';
import type { GapStore } from '../store/gap-store.ts';
import type { ParkedUpdate } from '../store/ticket-store.ts';

/** Tickets, each with the highest version that has been parked for longer than the time-out; without: undefined. */
export type Gaps = ReadonlyMap<string, number | undefined>;

export interface SettleDeps {
  gaps: GapStore;
  clock: Clock;
  /** Tickets whose copies cannot be written are left for a while. */
  retries: RetrySchedule;
}

/**
 * Brings the copies as far as what is parked allows: what follows a copy is applied, and a gap is skipped where a version
 * behind it has been parked for longer than the time-out, at most one for each ticket. The tickets share their round
 * trips, whose number grows with the longest row of updates that follow each other. Ends when there is no more to do, or
 * before a round that `shouldContinue` refuses. Resolves with the number of gaps skipped.
 *
 * @throws when the database does not answer; a single ticket that fails is left to the retries
 */
export async function settleGaps(
  deps: SettleDeps,
  all: Gaps,
  shouldContinue: () => boolean,
): Promise<number> {
  const { gaps, retries } = deps;
  const skipped = new Set<string>();
  let open = [...all.keys()];
  while (open.length > 0 && shouldContinue()) {
    const [parked, versions] = await Promise.all([gaps.lowestParked(open), gaps.versionsOf(open)]);
    for (const id of open) if (!parked.has(id)) retries.succeeded(id);
    const situations = Array.from(parked.values(), (next) => {
      const version = versions.get(next.id);
      // What has been parked for long behind this version proves that the gap right behind it is as old.
      const isStale = (all.get(next.id) ?? -1) > (version ?? -1);
      return { next, version, mayBeSkipped: isStale && !skipped.has(next.id) };
    });
    const steps = await Promise.all(situations.map((situation) => tryStep(deps, situation)));
    for (const { id, kind } of steps) if (kind === 'skipped') skipped.add(id);
    const moved = steps.filter(({ kind }) => kind !== 'waits');
    await gaps.removeReached(
      new Map(moved.flatMap(({ id, reached }) => (reached === undefined ? [] : [[id, reached]]))),
    );
    open = moved.map(({ id }) => id);
  }
  return skipped.size;
}

interface Situation {
  next: ParkedUpdate;
  version: number | undefined;
  mayBeSkipped: boolean;
}

interface Step {
  id: string;
  kind: 'waits' | 'skipped' | 'moved';
  /** The version that the copy has now, where that is known. */
  reached?: number;
}

async function tryStep(deps: SettleDeps, situation: Situation): Promise<Step> {
  const { id } = situation.next;
  try {
    const step = await takeStep(deps, situation);
    if (step.kind !== 'waits') deps.retries.succeeded(id);
    return { id, ...step };
  } catch (error) {
    if (isOutage(error)) throw error;
    deps.retries.failed(id, error);
    return { id, kind: 'waits' };
  }
}

/** Every write compares the version that was read: nothing is written over what has come meanwhile. */
async function takeStep(
  { gaps, clock }: SettleDeps,
  { next, version, mayBeSkipped }: Situation,
): Promise<Omit<Step, 'id'>> {
  if (!isSound(next) || (version !== undefined && !Number.isInteger(version)))
    throw new TypeError('the copy of the ticket, or what is parked for it, is not as this service writes it');
  const decision = decide(version, { kind: 'updated', version: next.version });
  // Parked while there was no copy, or by an older release. An operator may reset the ticket.
  if (decision === 'implausible') throw new RangeError(implausibility(version, next.version));
  if (decision === 'duplicate' && version !== undefined) return { kind: 'moved', reached: version };
  if (decision === 'apply') {
    const outcome = await gaps.advance(next, next.version - 1);
    return { kind: 'moved', ...(outcome === 'applied' && { reached: next.version }) };
  }
  if (!mayBeSkipped) return { kind: 'waits' };
  const skip = { to: next.version, at: clock(), ...(version !== undefined && { after: version }) };
  const outcome = await gaps.skip(next, skip);
  return outcome === 'applied' ? { kind: 'skipped', reached: next.version } : { kind: 'waits' };
}

/** A repair by hand may have left anything. */
const isSound = ({ version, price }: ParkedUpdate) => Number.isInteger(version) && Number.isFinite(price);
