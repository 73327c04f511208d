import { z } from 'zod';
import { version } from '../../platform/schemas/message-fields.ts';
import type { ChangeContext } from './change-context.ts';
import type { Order, Payment } from './order.ts';
import {
  buyerField,
  changeEventId,
  commonFields,
  type OrderEventOf,
  orderEvent,
  orderField,
  paymentField,
  pricedTicketField,
} from './order-event.ts';

export const orderPaidSchema = z.object({
  ...commonFields,
  id: orderField,
  version,
  status: z.literal('paid'),
  userId: buyerField,
  paymentId: paymentField,
  ticket: pricedTicketField,
});

type OrderPaid = OrderEventOf<'order:paid', z.infer<typeof orderPaidSchema>>;

/** The event of an order that `payment` has paid, with the version after that change. */
export function orderPaid(
  order: Order,
  { version, payment }: { version: number; payment: Payment },
  context: ChangeContext,
): OrderPaid {
  return orderEvent('order:paid', changeEventId(order.id, version), context, {
    id: order.id,
    version,
    status: 'paid',
    userId: order.userId,
    paymentId: payment.id,
    ticket: { id: order.ticketId, price: order.ticket.price },
  });
}
