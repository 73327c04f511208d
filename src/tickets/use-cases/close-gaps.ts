import { isOutage } from '../../platform/mongo/database-errors.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { RetrySchedule } from '../../platform/time/retry-schedule.ts';
import { decide, implausibility } from '../domain/ticket.ts';
import type { GapStore } from '../store/gap-store.ts';
import type { ParkedUpdate } from '../store/ticket-store.ts';

/** Parked updates that are read at a time, of all tickets of a pass together: some hundred kilobytes. */
const maxParked = 2_000;

/** Tickets, each with the highest version that has been parked for longer than the time-out, or undefined. */
export type Gaps = ReadonlyMap<string, number | undefined>;

export interface CloseGapsDeps {
  gaps: GapStore;
  clock: Clock;
  /** The tickets whose copies could not be written: they are tried again after a pause. */
  retries: RetrySchedule;
}

/**
 * Applies what is parked to the copies of many tickets. What follows a copy is applied. A gap is closed when a version
 * behind it has been parked for longer than the time-out: the copy goes to the lowest parked version, and the skipped
 * versions are stored with it; at most one gap for each ticket. Updates that follow each other need one write, of the
 * last of them, since an update contains the whole ticket. The tickets share their round trips. Ends when there is no more
 * to do, or when `shouldContinue` returns false. Resolves with the number of closed gaps.
 *
 * @throws when the database is away; the failure of a single ticket goes to the retries
 */
export async function closeGaps(
  deps: CloseGapsDeps,
  all: Gaps,
  shouldContinue: () => boolean,
): Promise<number> {
  const { gaps, retries } = deps;
  const closed = new Set<string>();
  let open = [...all.keys()];
  while (open.length > 0 && shouldContinue()) {
    const { byTicket, unread } = await gaps.parkedFor(open, maxParked);
    const versions = await gaps.versionsOf([...byTicket.keys()]);
    for (const id of open) if (!byTicket.has(id) && !unread.includes(id)) retries.succeeded(id);
    const situations = Array.from(byTicket, ([id, parked]) => {
      const version = versions.get(id);
      // A version that has been parked for long shows that the gap before it is as old.
      const isStale = (all.get(id) ?? -1) > (version ?? -1);
      return { id, parked, version, mayClose: isStale && !closed.has(id) };
    });
    const steps = await Promise.all(situations.map((situation) => tryStep(deps, situation)));
    for (const { id, kind } of steps) if (kind === 'closed') closed.add(id);
    await gaps.removeReached(
      new Map(steps.flatMap(({ id, reached }) => (reached === undefined ? [] : [[id, reached]]))),
    );
    // Copies that have moved are read again: a process that parks at the same time relies on a read after the last write.
    open = [...steps.filter(({ kind }) => kind !== 'waits').map(({ id }) => id), ...unread];
  }
  return closed.size;
}

interface Situation {
  id: string;
  /** The lowest versions first. */
  parked: ParkedUpdate[];
  version: number | undefined;
  mayClose: boolean;
}

interface Step {
  id: string;
  kind: 'waits' | 'closed' | 'moved';
  /** The version that the copy has now, where that is known. */
  reached?: number;
}

async function tryStep(deps: CloseGapsDeps, situation: Situation): Promise<Step> {
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

/** Every write compares the version that was read, so it never overwrites a later one. */
async function takeStep(
  { gaps, clock }: CloseGapsDeps,
  { parked, version, mayClose }: Situation,
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
  if (!mayClose) return { kind: 'waits' };
  const skipped = { to: lowest.version, at: clock(), ...(version !== undefined && { after: version }) };
  const outcome = await gaps.skip(last, skipped);
  return outcome === 'applied' ? { kind: 'closed', reached: last.version } : { kind: 'waits' };
}

/** The last of the updates that follow the lowest one without a gap, or the lowest one. */
function lastInRow(lowest: ParkedUpdate, parked: ParkedUpdate[]): ParkedUpdate {
  let last = lowest;
  for (const next of parked.slice(1)) {
    if (!isSound(next) || next.version !== last.version + 1) break;
    last = next;
  }
  return last;
}

/** A repair by hand may have stored anything. */
const isSound = ({ version, price }: ParkedUpdate) => Number.isInteger(version) && Number.isFinite(price);
