import { z } from 'zod';
import { type Listener, listener } from '../../messaging/listener.ts';
import { receivedObjectId, receivedPrice, receivedVersion } from '../../platform/schemas/message-fields.ts';
import { type ReplicateMessageDeps, replicateMessage } from './replicate-message.ts';

export const ticketCreatedSchema = z.object({
  id: receivedObjectId,
  version: receivedVersion(0).describe('Grows by exactly 1 with every change.'),
  title: z.string(),
  price: receivedPrice,
  userId: z.unknown().optional().describe('The seller, in any form; not used here.'),
});

/** Creates the copy of a ticket. */
export function ticketCreated(deps: ReplicateMessageDeps): Listener {
  return listener('ticket:created', ticketCreatedSchema, (ticket) =>
    replicateMessage(deps, { kind: 'created', ...ticket }),
  );
}
