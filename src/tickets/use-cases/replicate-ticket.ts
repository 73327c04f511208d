import type { Clock } from '../../platform/time/clock.ts';
import { decideTicketEvent, implausibility, maxFirstVersion, type TicketEvent } from '../domain/ticket.ts';
import type { TicketStore } from '../store/ticket-store.ts';
import { drainParked } from './drain-parked.ts';

export interface ReplicationDeps {
  tickets: TicketStore;
  clock: Clock;
}

/** `rejected`: why the version is not accepted. */
export type ReplicationOutcome = 'applied' | 'duplicate' | 'parked' | { rejected: string };

/**
 * Applies one event of a ticket to the copy. Versions are applied one by one, also when the events come in another order:
 * an event that comes too early is parked in the database, so its message can be acknowledged.
 */
export async function replicateTicket(
  deps: ReplicationDeps,
  event: TicketEvent,
): Promise<ReplicationOutcome> {
  const { tickets } = deps;
  const outcome = await applyOrPark(deps, event);
  // After the write, because a process that parks an update at the same time relies on this read. The read is cheap: shared, and
  // nearly always empty. Also for a duplicate: another process may have crashed before it drained.
  if (outcome !== 'parked' && (await tickets.isAnyParked(event.id))) await drainParked(tickets, event.id);
  return outcome;
}

async function applyOrPark(
  { tickets, clock }: ReplicationDeps,
  event: TicketEvent,
): Promise<ReplicationOutcome> {
  for (;;) {
    // Most events come in order, so the compare-and-set comes first, and the version is read only when it fails.
    if ((await writeNext(tickets, event)) === 'applied') return 'applied';
    const version = await tickets.versionOf(event.id);
    const decision = decideTicketEvent(version, event);
    if (decision === 'implausible') return { rejected: implausibility(version, event.version) };
    if (decision === 'duplicate') return 'duplicate';
    if (decision === 'gap') {
      await tickets.park(event, clock());
      // In the meantime another process may have applied the previous version without seeing the parked one.
      if (decideTicketEvent(await tickets.versionOf(event.id), event) !== 'gap')
        await drainParked(tickets, event.id);
      return 'parked';
    }
  }
}

async function writeNext(tickets: TicketStore, event: TicketEvent): Promise<'applied' | 'outdated'> {
  if (event.kind === 'updated') return tickets.advance(event, event.version - 1);
  return event.version > maxFirstVersion ? 'outdated' : tickets.create(event);
}
