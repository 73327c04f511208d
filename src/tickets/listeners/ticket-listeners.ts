import type { Logger } from 'pino';
import { type Handled, type Listener, listener } from '../../messaging/listener.ts';
import type { Ticket } from '../domain/ticket.ts';
import { cutTitle } from '../domain/title.ts';
import {
  type ReplicationDeps,
  type ReplicationOutcome,
  replicateTicket,
} from '../use-cases/replicate-ticket.ts';

export interface TicketListenersDeps extends ReplicationDeps {
  log: Logger;
  /** Called with every message whose title was cut, to count them. */
  onTitleCut?: () => void;
}

/** The listeners that keep the copies of the tickets. */
export function ticketListeners(deps: TicketListenersDeps): Listener[] {
  return [
    listener('ticket:created', async (ticket) =>
      handled(await replicateTicket(deps, { kind: 'created', ...withCutTitle(deps, ticket) })),
    ),
    listener('ticket:updated', async (ticket) =>
      handled(await replicateTicket(deps, { kind: 'updated', ...withCutTitle(deps, ticket) })),
    ),
  ];
}

const handled = (outcome: ReplicationOutcome): Handled =>
  typeof outcome === 'string' ? { outcome } : outcome;

/** Never set aside for its title: the versions that follow, and the price, would wait for it. */
function withCutTitle<T extends Ticket>({ log, onTitleCut }: TicketListenersDeps, ticket: T): T {
  const title = cutTitle(ticket.title);
  if (title === ticket.title) return ticket;
  log.warn({ ticketId: ticket.id, version: ticket.version }, 'the title of a ticket is too long and was cut');
  onTitleCut?.();
  return { ...ticket, title };
}
