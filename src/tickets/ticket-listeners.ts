import { type Listener, listener } from '../messaging/listener.ts';
import { type ReplicationDeps, replicateTicket } from './replicate-ticket.ts';

/** The listeners that keep the copies of the tickets. */
export function ticketListeners(deps: ReplicationDeps): Listener[] {
  return [
    listener('ticket:created', async (ticket) => ({
      outcome: await replicateTicket(deps, { kind: 'created', ...ticket }),
    })),
    listener('ticket:updated', async (ticket) => ({
      outcome: await replicateTicket(deps, { kind: 'updated', ...ticket }),
    })),
  ];
}
