import { z } from 'zod';
import { foreignId, objectId, price, version } from '../../platform/schemas/message-fields.ts';
import { refundReasons } from './order.ts';

/** The shape of every event that this service sends. */

const orderOf = objectId.describe('The order.');
const buyer = z.string().describe('The buyer.');
const paymentOf = foreignId.describe('The payment, as `payment:created` has named it.');

const everyEvent = {
  eventId: z
    .string()
    .describe('The same whenever this event is delivered or sent again: drop the ids that you have seen.'),
  correlationId: z
    .string()
    .optional()
    .describe('The `X-Request-Id` of the request that caused the event, where one did.'),
  replayed: z.literal(true).optional().describe('Set when an operator had the event sent again.'),
};
const pricedTicket = z.object({ id: objectId, price });

export const orderEventSchemas = {
  'order:created': z.object({
    ...everyEvent,
    id: orderOf,
    version: z.literal(0),
    status: z.literal('pending'),
    userId: buyer,
    expiresAt: z.iso
      .datetime()
      .describe("Until when the order holds its ticket if it is not paid, by the orders service's clock."),
    ticket: pricedTicket,
  }),
  'order:cancelled': z.object({
    ...everyEvent,
    id: orderOf,
    version,
    status: z.enum(['cancelled', 'expired']).describe('`expired`: the time was over; it may still be paid.'),
    userId: buyer,
    ticket: z.object({ id: objectId }),
  }),
  'order:paid': z.object({
    ...everyEvent,
    id: orderOf,
    version,
    status: z.literal('paid'),
    userId: buyer,
    paymentId: paymentOf,
    ticket: pricedTicket,
  }),
  'order:refund-required': z.object({
    ...everyEvent,
    id: orderOf,
    orderId: objectId.describe('The same as `id`.'),
    paymentId: paymentOf,
    stripeChargeId: foreignId.describe('The charge to be given back.'),
    userId: buyer,
    amount: price,
    reason: z
      .enum(refundReasons)
      .describe(
        'Why the payment buys nothing: another order holds the ticket; it was cancelled; it is paid already.',
      ),
  }),
};

type OrderSubject = keyof typeof orderEventSchemas;

/** An event of an order, as it waits in the order's outbox. */
export type OrderEvent = {
  [S in OrderSubject]: { eventId: string; subject: S; data: z.infer<(typeof orderEventSchemas)[S]> };
}[OrderSubject];
