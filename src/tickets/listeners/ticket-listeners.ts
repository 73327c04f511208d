import type { Listener } from '../../messaging/listener.ts';
import type { ReplicateMessageDeps } from './replicate-message.ts';
import { ticketCreated, ticketCreatedSchema } from './ticket-created.ts';
import { ticketUpdated, ticketUpdatedSchema } from './ticket-updated.ts';

/** The schemas of the messages about tickets, by subject. */
export const ticketMessageSchemas = {
  'ticket:created': ticketCreatedSchema,
  'ticket:updated': ticketUpdatedSchema,
};

/** The listeners that update the copies of the tickets. */
export function ticketListeners(deps: ReplicateMessageDeps): Listener[] {
  return [ticketCreated(deps), ticketUpdated(deps)];
}
