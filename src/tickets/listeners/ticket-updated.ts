import { z } from 'zod';
import { type Listener, listener } from '../../messaging/listener.ts';
import { receivedVersion } from '../../platform/schemas/message-fields.ts';
import { type ReplicateMessageDeps, replicateMessage } from './replicate-message.ts';
import { ticketCreatedSchema } from './ticket-created.ts';

export const ticketUpdatedSchema = ticketCreatedSchema.extend({
  version: receivedVersion(1).describe('Exactly 1 more than that of the update before.'),
  orderId: z
    .unknown()
    .optional()
    .describe('The order that the ticket is locked for, in any form; not used here.'),
});

/** Updates the copy of a ticket, or parks the update until the versions before it have come. */
export function ticketUpdated(deps: ReplicateMessageDeps): Listener {
  return listener('ticket:updated', ticketUpdatedSchema, (ticket) =>
    replicateMessage(deps, { kind: 'updated', ...ticket }),
  );
}
