import { z } from 'zod';
import { hasControls } from '../platform/logging/escape-controls.ts';

/** The shape of every message that crosses the broker. These schemas alone decide what a valid message is. */

const objectId = z
  .string()
  .regex(/^[0-9a-fA-F]{24}$/, 'must be 24 hexadecimal digits')
  .toLowerCase();
/** Of a payment, compared as it is stored: the database cannot store half a character. Stripe's have 255 at most. */
const name = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !/\p{Surrogate}/u.test(text), 'must be well-formed Unicode');
/** What a peer sends today. What is stored already goes out as it is. */
const newName = name.refine((text) => !hasControls(text), 'must have no control characters');
const price = z
  .number()
  .nonnegative()
  .describe("In the major unit of the marketplace's one currency: 12.5 is 12 dollars and 50 cents.");
const version = z.int().nonnegative().describe('Grows by exactly 1 with every change.');

const ticket = z.object({
  id: objectId,
  version,
  title: z.string(),
  price,
  userId: z.string().describe('The seller.'),
});

export const incoming = {
  'ticket:created': ticket,
  'ticket:updated': ticket.extend({
    version: z.int().positive().describe('Exactly 1 more than that of the update before.'),
    orderId: z.string().nullish().describe('The order that the ticket is locked for; not used here.'),
  }),
  'payment:created': z.object({
    id: newName.describe('The payment. The same id again changes nothing.'),
    orderId: objectId,
    stripeChargeId: newName,
  }),
  'expiration:complete': z.object({ orderId: objectId }),
};

const orderOf = objectId.describe('The order.');
const buyer = z.string().describe('The buyer.');
const paymentOf = name.describe('The payment, as `payment:created` has named it.');

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

export const outgoing = {
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
    stripeChargeId: name.describe('The charge to be given back.'),
    userId: buyer,
    amount: price,
    reason: z
      .enum(['ticket_taken', 'order_cancelled', 'already_paid'])
      .describe(
        'Why the payment buys nothing: another order holds the ticket; it was cancelled; it is paid already.',
      ),
  }),
};

export type IncomingSubject = keyof typeof incoming;
export type Incoming<S extends IncomingSubject> = z.infer<(typeof incoming)[S]>;

type OutgoingSubject = keyof typeof outgoing;
type Outgoing<S extends OutgoingSubject> = z.infer<(typeof outgoing)[S]>;

/** An event as it waits in an order's outbox. */
export type OutgoingEvent = {
  [S in OutgoingSubject]: { eventId: string; subject: S; data: Outgoing<S> };
}[OutgoingSubject];

/** A longer message is a dead letter: titles are copied into every order, so their size is bounded here. */
export const maxMessageBytes = 64 * 1024;
