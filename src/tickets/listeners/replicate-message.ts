import type { Logger } from 'pino';
import type { Handled } from '../../messaging/listener.ts';
import type { TicketEvent } from '../domain/ticket.ts';
import { cutTitle } from '../domain/title.ts';
import { type ReplicationDeps, replicateTicket } from '../use-cases/replicate-ticket.ts';

export interface ReplicateMessageDeps extends ReplicationDeps {
  log: Logger;
  /** Called with every message whose title was cut, to count them. */
  onTitleCut?: () => void;
}

/** Replicates the ticket of a message, with a title of limited length. */
export async function replicateMessage(deps: ReplicateMessageDeps, event: TicketEvent): Promise<Handled> {
  const outcome = await replicateTicket(deps, withCutTitle(deps, event));
  return typeof outcome === 'string' ? { outcome } : outcome;
}

/** A long title is cut, not refused: a dead letter would hold up the following versions and their prices. */
function withCutTitle({ log, onTitleCut }: ReplicateMessageDeps, ticket: TicketEvent): TicketEvent {
  const title = cutTitle(ticket.title);
  if (title === ticket.title) return ticket;
  log.warn({ ticketId: ticket.id, version: ticket.version }, 'the title of a ticket is too long and was cut');
  onTitleCut?.();
  return { ...ticket, title };
}
