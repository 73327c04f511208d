import { isOutage } from '../../platform/mongo/database-errors.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { RetrySchedule } from '../../platform/time/retry-schedule.ts';
import { decideTicketEvent, implausibility } from '../domain/ticket.ts';
import type { GapStore } from '../store/gap-store.ts';
import type { ParkedUpdate } from '../store/ticket-store.ts';

/** Maximum of parked updates in one read, of all tickets together: some hundred kilobytes. */
const maxParked = 2_000;

/** For each ticket the highest version that was parked for longer than the time-out; undefined if none was. */
export type Gaps = ReadonlyMap<string, number | undefined>;

export interface CloseGapsDeps {
  gaps: GapStore;
  clock: Clock;
  /** Of the tickets whose copies could not be written: they are tried again after a pause. */
  retries: RetrySchedule;
}

/**
 * Applies the parked updates of many tickets. An update of the version after the copy's is applied. A gap is closed when an
 * update after it was parked for longer than the time-out: the copy gets the lowest parked version, and the skipped
 * versions are stored with it; at most one gap for each ticket. Consecutive updates need only the write of the last one,
 * because an update contains the whole ticket. The tickets share round trips. Ends when nothing more can be applied, or
 * when `shouldContinue` returns false. Resolves with the number of closed gaps.
 *
 * @throws when the database is away; if a single ticket fails, `retries` gets it
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
    const states = Array.from(byTicket, ([id, parked]) => {
      const version = versions.get(id);
      // The gap is at least as old as an update that is parked after it.
      const isStale = (all.get(id) ?? -1) > (version ?? -1);
      return { id, parked, version, mayClose: isStale && !closed.has(id) };
    });
    const steps = await Promise.all(states.map((state) => tryAdvance(deps, state)));
    for (const { id, kind } of steps) if (kind === 'closed') closed.add(id);
    await gaps.removeReached(
      new Map(steps.flatMap(({ id, reached }) => (reached === undefined ? [] : [[id, reached]]))),
    );
    // After every write the ticket is read again: a process that parks an update at the same time relies on that.
    open = [...steps.filter(({ kind }) => kind !== 'waits').map(({ id }) => id), ...unread];
  }
  return closed.size;
}

interface TicketState {
  id: string;
  /** The lowest versions first. */
  parked: ParkedUpdate[];
  /** Of the copy; undefined if there is none. */
  version: number | undefined;
  mayClose: boolean;
}

interface Step {
  id: string;
  kind: 'waits' | 'closed' | 'moved';
  /** The version of the copy now, if this process knows it. */
  reached?: number;
}

async function tryAdvance(deps: CloseGapsDeps, state: TicketState): Promise<Step> {
  const { id } = state;
  try {
    const step = await advanceCopy(deps, state);
    if (step.kind !== 'waits') deps.retries.succeeded(id);
    return { id, ...step };
  } catch (error) {
    if (isOutage(error)) throw error;
    deps.retries.failed(id, error);
    return { id, kind: 'waits' };
  }
}

/** Every write requires the version that was read, so it never overwrites a later one. */
async function advanceCopy(
  { gaps, clock }: CloseGapsDeps,
  { parked, version, mayClose }: TicketState,
): Promise<Omit<Step, 'id'>> {
  const [lowest] = parked;
  if (!lowest || !isWellFormed(lowest) || (version !== undefined && !Number.isInteger(version)))
    throw new TypeError('the copy of the ticket, or a parked update, has a malformed version or price');
  const decision = decideTicketEvent(version, { kind: 'updated', version: lowest.version });
  // It was parked while there was no copy, or by an older release. An operator can reset the ticket.
  if (decision === 'implausible') throw new RangeError(implausibility(version, lowest.version));
  if (decision === 'duplicate' && version !== undefined) return { kind: 'moved', reached: version };
  const last = lastConsecutive(lowest, parked);
  if (decision === 'apply') {
    const outcome = await gaps.advance(last, lowest.version - 1);
    return { kind: 'moved', ...(outcome === 'applied' && { reached: last.version }) };
  }
  if (!mayClose) return { kind: 'waits' };
  const skipped = { to: lowest.version, at: clock(), ...(version !== undefined && { after: version }) };
  const outcome = await gaps.skip(last, skipped);
  return outcome === 'applied' ? { kind: 'closed', reached: last.version } : { kind: 'waits' };
}

/** The last update before the first gap. */
function lastConsecutive(lowest: ParkedUpdate, parked: ParkedUpdate[]): ParkedUpdate {
  let last = lowest;
  for (const next of parked.slice(1)) {
    if (!isWellFormed(next) || next.version !== last.version + 1) break;
    last = next;
  }
  return last;
}

/** A manual repair may have stored any value. */
const isWellFormed = ({ version, price }: ParkedUpdate) =>
  Number.isInteger(version) && Number.isFinite(price);
