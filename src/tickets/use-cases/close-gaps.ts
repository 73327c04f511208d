import { isOutage } from '../../platform/mongo/failures.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { RetrySchedule } from '../../platform/time/retry-schedule.ts';
import { decide, implausibility } from '../domain/ticket.ts';
import type { GapStore } from '../store/gap-store.ts';
import type { ParkedUpdate } from '../store/ticket-store.ts';

/** Parked updates that are read at a time, of all tickets of a pass together: some hundred kilobytes. */
const maxParked = 2_000;

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
 * behind it has been parked for longer than the time-out, at most one for each ticket. Updates that follow each other are
 * written at once, as the last of them: an update has the whole ticket. The tickets share their round trips, whose number
 * grows with neither. Ends when there is no more to do, or before a round that `shouldContinue` refuses. Resolves with the
 * number of gaps skipped.
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
    const { byTicket, unread } = await gaps.parkedFor(open, maxParked);
    const versions = await gaps.versionsOf([...byTicket.keys()]);
    for (const id of open) if (!byTicket.has(id) && !unread.includes(id)) retries.succeeded(id);
    const situations = Array.from(byTicket, ([id, parked]) => {
      const version = versions.get(id);
      // What has been parked for long behind this version proves that the gap right behind it is as old.
      const isStale = (all.get(id) ?? -1) > (version ?? -1);
      return { id, parked, version, mayBeSkipped: isStale && !skipped.has(id) };
    });
    const steps = await Promise.all(situations.map((situation) => tryStep(deps, situation)));
    for (const { id, kind } of steps) if (kind === 'skipped') skipped.add(id);
    await gaps.removeReached(
      new Map(steps.flatMap(({ id, reached }) => (reached === undefined ? [] : [[id, reached]]))),
    );
    // Those that have moved once more: whoever parks while a copy moves relies on a read after the last write.
    open = [...steps.filter(({ kind }) => kind !== 'waits').map(({ id }) => id), ...unread];
  }
  return skipped.size;
}

interface Situation {
  id: string;
  /** The lowest versions first. */
  parked: ParkedUpdate[];
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
  const { id } = situation;
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
  { parked, version, mayBeSkipped }: Situation,
): Promise<Omit<Step, 'id'>> {
  const [lowest] = parked;
  if (!lowest || !isSound(lowest) || (version !== undefined && !Number.isInteger(version)))
    throw new TypeError('the copy of the ticket, or what is parked for it, is not as this service writes it');
  const decision = decide(version, { kind: 'updated', version: lowest.version });
  // Parked while there was no copy, or by an older release. An operator may reset the ticket.
  if (decision === 'implausible') throw new RangeError(implausibility(version, lowest.version));
  if (decision === 'duplicate' && version !== undefined) return { kind: 'moved', reached: version };
  const last = lastInRow(lowest, parked);
  if (decision === 'apply') {
    const outcome = await gaps.advance(last, lowest.version - 1);
    return { kind: 'moved', ...(outcome === 'applied' && { reached: last.version }) };
  }
  if (!mayBeSkipped) return { kind: 'waits' };
  const skip = { to: lowest.version, at: clock(), ...(version !== undefined && { after: version }) };
  const outcome = await gaps.skip(last, skip);
  return outcome === 'applied' ? { kind: 'skipped', reached: last.version } : { kind: 'waits' };
}

/** The last of those that follow the lowest one without a gap, or itself. */
function lastInRow(lowest: ParkedUpdate, parked: ParkedUpdate[]): ParkedUpdate {
  let last = lowest;
  for (const next of parked.slice(1)) {
    if (!isSound(next) || next.version !== last.version + 1) break;
    last = next;
  }
  return last;
}

/** A repair by hand may have left anything. */
const isSound = ({ version, price }: ParkedUpdate) => Number.isInteger(version) && Number.isFinite(price);
