import type { Clock } from '../../platform/time/clock.ts';
import {
  decide,
  implausibility,
  maxFirstVersion,
  type ReplicaDecision,
  type TicketEvent,
} from '../domain/ticket.ts';
import type { TicketStore } from '../store/ticket-store.ts';

export interface ReplicationDeps {
  tickets: TicketStore;
  clock: Clock;
}

const drainedAtOnce = 100;
const endsDrain: ReplicaDecision[] = ['gap', 'implausible'];

/** `rejected`: why the version is not believed. */
export type ReplicationOutcome = 'applied' | 'duplicate' | 'parked' | { rejected: string };

/**
 * Brings one event of a ticket into the copy. Versions are applied one by one, whatever the order in which the
 * events come; one that comes too early is kept durably, so its message can be acknowledged.
 */
export async function replicateTicket(
  deps: ReplicationDeps,
  event: TicketEvent,
): Promise<ReplicationOutcome> {
  const outcome = await applyOrPark(deps, event);
  // After the write: whoever parks meanwhile relies on this read. It is shared, and nearly always nothing is parked.
  // A duplicate may be the message of a process that died before it had drained.
  if (outcome !== 'parked' && (await deps.tickets.isAnyParked(event.id))) await drainParked(deps, event.id);
  return outcome;
}

async function applyOrPark(deps: ReplicationDeps, event: TicketEvent): Promise<ReplicationOutcome> {
  const { tickets, clock } = deps;
  for (;;) {
    // Most events come in order, so the compare-and-set comes first and its refusal is looked into.
    if ((await writeNext(tickets, event)) === 'applied') return 'applied';
    const version = await tickets.versionOf(event.id);
    const decision = decide(version, event);
    if (decision === 'implausible') return { rejected: implausibility(version, event.version) };
    if (decision === 'duplicate') return 'duplicate';
    if (decision === 'gap') {
      await tickets.park(event, clock());
      // The version before may have been applied meanwhile, by somebody who did not see this one parked.
      if (decide(await tickets.versionOf(event.id), event) !== 'gap') await drainParked(deps, event.id);
      return 'parked';
    }
  }
}

async function writeNext(tickets: TicketStore, event: TicketEvent): Promise<'applied' | 'outdated'> {
  if (event.kind === 'updated') return tickets.advance(event, event.version - 1);
  return event.version > maxFirstVersion ? 'outdated' : tickets.create(event);
}

/** Applies what is parked for a ticket as far as it follows without a gap, and forgets what was applied. */
async function drainParked({ tickets }: ReplicationDeps, ticketId: string): Promise<void> {
  // Until a read after the last write finds nothing that follows: whoever parks meanwhile relies on it.
  for (;;) {
    const parked = await tickets.parked(ticketId, drainedAtOnce);
    const [lowest] = parked;
    if (!lowest) return;
    let reached = await tickets.versionOf(ticketId);
    for (const next of parked) {
      const decision = decide(reached, { kind: 'updated', version: next.version });
      if (endsDrain.includes(decision)) break;
      // Refused, the copy has this version or a later one from somebody else: either way it has been reached.
      if (decision === 'apply') await tickets.advance(next, next.version - 1);
      reached = Math.max(reached ?? 0, next.version);
    }
    if (reached === undefined || reached < lowest.version) return;
    await tickets.unpark(ticketId, reached);
  }
}
