import { type Handled, type Listener, listener } from '../messaging/listener.ts';
import { type ReplicationDeps, type ReplicationOutcome, replicateTicket } from './replicate-ticket.ts';

/** The listeners that keep the copies of the tickets. */
export function ticketListeners(deps: ReplicationDeps): Listener[] {
  return [
    listener('ticket:created', async (ticket) =>
      handled(await replicateTicket(deps, { kind: 'created', ...ticket })),
    ),
    listener('ticket:updated', async (ticket) =>
      handled(await replicateTicket(deps, { kind: 'updated', ...ticket })),
    ),
  ];
}

const handled = (outcome: ReplicationOutcome): Handled =>
  typeof outcome === 'string' ? { outcome } : outcome;
