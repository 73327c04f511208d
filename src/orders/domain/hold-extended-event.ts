import { z } from 'zod';
import { objectId } from '../../platform/schemas/message-fields.ts';
import type { ChangeContext } from './change-context.ts';
import type { HoldExtension, Order } from './order.ts';
import {
  buyerField,
  commonFields,
  extensionEventId,
  type OrderEventOf,
  orderEvent,
  orderField,
} from './order-event.ts';

export const holdExtendedSchema = z.object({
  ...commonFields,
  id: orderField,
  userId: buyerField,
  expiresAt: z.iso
    .datetime()
    .describe('Until when the order holds its ticket now, if it is not paid. The latest of an order counts.'),
  ticket: z.object({ id: objectId }),
});

type HoldExtended = OrderEventOf<'order:hold-extended', z.infer<typeof holdExtendedSchema>>;

/** The event of an order whose hold ends later than before. */
export function holdExtended(
  order: Order,
  { n, to }: Pick<HoldExtension, 'n' | 'to'>,
  context: ChangeContext,
): HoldExtended {
  return orderEvent('order:hold-extended', extensionEventId(order.id, n), context, {
    id: order.id,
    userId: order.userId,
    expiresAt: to.toISOString(),
    ticket: { id: order.ticketId },
  });
}
