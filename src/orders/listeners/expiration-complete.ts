import { z } from 'zod';
import { type Listener, listener } from '../../messaging/listener.ts';
import { receivedObjectId } from '../../platform/schemas/message-fields.ts';
import type { ExpireOrderDeps } from '../use-cases/expire-each.ts';
import { expireOnHint } from '../use-cases/expire-orders.ts';

export const expirationCompleteSchema = z.object({ orderId: receivedObjectId });

/** Expires an overdue order at once. A hint that comes too early changes nothing. */
export function expirationComplete(deps: ExpireOrderDeps): Listener {
  return listener('expiration:complete', expirationCompleteSchema, async ({ orderId }) => ({
    outcome: await expireOnHint(deps, orderId),
  }));
}
