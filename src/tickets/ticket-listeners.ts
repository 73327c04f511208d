import { type Listener, listener } from '../messaging/listener.ts';
import { type ReplicationParts, replicateTicket } from './replicate-ticket.ts';

/** The listeners that keep the copies of the tickets. */
export function ticketListeners(parts: ReplicationParts): Listener[] {
  return [
    listener('ticket:created', async (ticket) => ({
      outcome: await replicateTicket(parts, { kind: 'created', ...ticket }),
    })),
    listener('ticket:updated', async (ticket) => ({
      outcome: await replicateTicket(parts, { kind: 'updated', ...ticket }),
    })),
  ];
}
