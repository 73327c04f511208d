import { z } from 'zod';
import { objectId, version } from '../../platform/schemas/message-fields.ts';
import type { ChangeContext } from './change-context.ts';
import type { Order } from './order.ts';
import {
  buyerField,
  changeEventId,
  commonFields,
  type OrderEventOf,
  orderEvent,
  orderField,
} from './order-event.ts';

export const orderCancelledSchema = z.object({
  ...commonFields,
  id: orderField,
  version,
  status: z.enum(['cancelled', 'expired']).describe('`expired`: the time was over; it may still be paid.'),
  userId: buyerField,
  ticket: z.object({ id: objectId }),
});

type OrderCancelled = OrderEventOf<'order:cancelled', z.infer<typeof orderCancelledSchema>>;

/** The event of an order that stops holding its ticket with this status change. */
export function orderCancelled(
  order: Order,
  { status, version }: { status: 'cancelled' | 'expired'; version: number },
  context: ChangeContext,
): OrderCancelled {
  return orderEvent('order:cancelled', changeEventId(order.id, version), context, {
    id: order.id,
    version,
    status,
    userId: order.userId,
    ticket: { id: order.ticketId },
  });
}
