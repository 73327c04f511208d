import { z } from 'zod';
import type { ChangeContext } from './change-context.ts';
import type { Order } from './order.ts';
import {
  buyerField,
  changeEventId,
  commonFields,
  type OrderEventOf,
  orderEvent,
  orderField,
  pricedTicketField,
} from './order-event.ts';

export const orderCreatedSchema = z.object({
  ...commonFields,
  id: orderField,
  version: z.literal(0),
  status: z.literal('pending'),
  userId: buyerField,
  expiresAt: z.iso
    .datetime()
    .describe("Until when the order holds its ticket if it is not paid, by the orders service's clock."),
  ticket: pricedTicketField,
});

type OrderCreated = OrderEventOf<'order:created', z.infer<typeof orderCreatedSchema>>;

/** The event of a new order. */
export function orderCreated(order: Order, context: ChangeContext): OrderCreated {
  return orderEvent('order:created', changeEventId(order.id, 0), context, {
    id: order.id,
    version: 0,
    status: 'pending',
    userId: order.userId,
    expiresAt: order.expiresAt.toISOString(),
    ticket: { id: order.ticketId, price: order.ticket.price },
  });
}
