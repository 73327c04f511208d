import { decideTicketEvent, type ReplicaDecision } from '../domain/ticket.ts';
import type { TicketStore } from '../store/ticket-store.ts';

/** Maximum of parked updates in one read. */
const maxRead = 100;
const endOfDrain: ReplicaDecision[] = ['gap', 'implausible'];

/** Applies the parked updates of a ticket up to the first gap, and deletes those that the copy has reached. */
export async function drainParked(tickets: TicketStore, ticketId: string): Promise<void> {
  // The last read comes after the last write: a process that parks an update at the same time relies on that.
  for (;;) {
    const parked = await tickets.parked(ticketId, maxRead);
    const [lowest] = parked;
    if (!lowest) return;
    let reached = await tickets.versionOf(ticketId);
    for (const next of parked) {
      const decision = decideTicketEvent(reached, { kind: 'updated', version: next.version });
      if (endOfDrain.includes(decision)) break;
      // When that is `outdated`, another process has applied this version or a later one.
      if (decision === 'apply') await tickets.advance(next, next.version - 1);
      reached = Math.max(reached ?? 0, next.version);
    }
    if (reached === undefined || reached < lowest.version) return;
    await tickets.unpark(ticketId, reached);
  }
}
