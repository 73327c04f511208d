import { z } from 'zod';
import { type Listener, listener } from '../../messaging/listener.ts';
import { type ReplicateMessageDeps, replicateMessage } from './replicate-message.ts';
import { ticketCreatedSchema } from './ticket-created.ts';

export const ticketUpdatedSchema = ticketCreatedSchema.extend({
  version: z.int().positive().describe('Exactly 1 more than that of the update before.'),
  orderId: z.string().nullish().describe('The order that the ticket is locked for; not used here.'),
});

/** Updates the copy of a ticket, or parks the update until the versions before it have come. */
export function ticketUpdated(deps: ReplicateMessageDeps): Listener {
  return listener('ticket:updated', ticketUpdatedSchema, (ticket) =>
    replicateMessage(deps, { kind: 'updated', ...ticket }),
  );
}
