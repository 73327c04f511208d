import type { Logger } from 'pino';
import type { Handled } from '../../messaging/listener.ts';
import type { Ticket } from '../domain/ticket.ts';
import { cutTitle } from '../domain/title.ts';
import { type ReplicationDeps, replicateTicket } from '../use-cases/replicate-ticket.ts';

export interface ReplicateMessageDeps extends ReplicationDeps {
  log: Logger;
  /** Called with every message whose title was cut, to count them. */
  onTitleCut?: () => void;
}

/** Replicates what a message says of a ticket, with a title of a bounded length. */
export async function replicateMessage(
  deps: ReplicateMessageDeps,
  event: Parameters<typeof replicateTicket>[1],
): Promise<Handled> {
  const outcome = await replicateTicket(deps, withCutTitle(deps, event));
  return typeof outcome === 'string' ? { outcome } : outcome;
}

/** Never set aside for its title: the versions that follow, and the price, would wait for it. */
function withCutTitle<T extends Ticket>({ log, onTitleCut }: ReplicateMessageDeps, ticket: T): T {
  const title = cutTitle(ticket.title);
  if (title === ticket.title) return ticket;
  log.warn({ ticketId: ticket.id, version: ticket.version }, 'the title of a ticket is too long and was cut');
  onTitleCut?.();
  return { ...ticket, title };
}
