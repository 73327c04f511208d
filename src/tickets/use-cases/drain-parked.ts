import { decide, type ReplicaDecision } from '../domain/ticket.ts';
import type { TicketStore } from '../store/ticket-store.ts';

/** Parked updates that are read at a time. */
const maxRead = 100;
const endOfDrain: ReplicaDecision[] = ['gap', 'implausible'];

/** Applies what is parked for a ticket as far as it follows without a gap, and deletes what the copy has reached. */
export async function drainParked(tickets: TicketStore, ticketId: string): Promise<void> {
  // Until a read after the last write finds nothing that follows: a process that parks at the same time relies on it.
  for (;;) {
    const parked = await tickets.parked(ticketId, maxRead);
    const [lowest] = parked;
    if (!lowest) return;
    let reached = await tickets.versionOf(ticketId);
    for (const next of parked) {
      const decision = decide(reached, { kind: 'updated', version: next.version });
      if (endOfDrain.includes(decision)) break;
      // When it is outdated, another process has applied this version or a later one: it has been reached either way.
      if (decision === 'apply') await tickets.advance(next, next.version - 1);
      reached = Math.max(reached ?? 0, next.version);
    }
    if (reached === undefined || reached < lowest.version) return;
    await tickets.unpark(ticketId, reached);
  }
}
