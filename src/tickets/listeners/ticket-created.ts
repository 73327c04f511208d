import { z } from 'zod';
import { type Listener, listener } from '../../messaging/listener.ts';
import { objectId, price, version } from '../../platform/schemas/message-fields.ts';
import { type ReplicateMessageDeps, replicateMessage } from './replicate-message.ts';

export const ticketCreatedSchema = z.object({
  id: objectId,
  version,
  title: z.string(),
  price,
  userId: z.string().describe('The seller.'),
});

/** Creates the copy of a ticket. */
export function ticketCreated(deps: ReplicateMessageDeps): Listener {
  return listener('ticket:created', ticketCreatedSchema, (ticket) =>
    replicateMessage(deps, { kind: 'created', ...ticket }),
  );
}
