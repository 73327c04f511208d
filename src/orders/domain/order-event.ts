import { z } from 'zod';
import { type EveryField, withoutUndefined } from '../../platform/schemas/every-field.ts';
import { foreignId, objectId, price } from '../../platform/schemas/message-fields.ts';
import type { ChangeContext } from './change-context.ts';

/** What the events of orders have in common. Each event has a file of its own with its schema and what makes it. */

/** The fields of every event. */
export const commonFields = {
  eventId: z
    .string()
    .describe('The same whenever this event is delivered or sent again: drop the ids that you have seen.'),
  correlationId: z
    .string()
    .optional()
    .describe('The `X-Request-Id` of the request that caused the event, where one did.'),
  replayed: z.literal(true).optional().describe('Set when an operator had the event sent again.'),
};

export const orderField = objectId.describe('The order.');
export const buyerField = z.string().describe('The buyer.');
export const paymentField = foreignId.describe('The payment, as `payment:created` has named it.');
export const pricedTicketField = z.object({ id: objectId, price });

type CommonFields = z.infer<z.ZodObject<typeof commonFields>>;

/** An event of an order, as it waits in the order's outbox. */
export interface OrderEventOf<Subject extends string, Data extends CommonFields> {
  eventId: string;
  subject: Subject;
  /** When it happened. It is stored with the event and not sent. */
  at: Date;
  data: Data;
}

/**
 * Makes an event. Every field of its schema has to be named: those that are `undefined` are left out. Only
 * rebuild-events.ts adds `replayed`.
 */
export function orderEvent<Subject extends string, Data extends CommonFields>(
  subject: Subject,
  eventId: string,
  { now, correlationId }: ChangeContext,
  fields: EveryField<Omit<Data, keyof CommonFields>>,
): OrderEventOf<Subject, Data> {
  const common: EveryField<Omit<CommonFields, 'replayed'>> = { eventId, correlationId };
  const data = withoutUndefined<object>({ ...common, ...fields }) as Data;
  return { eventId, subject, at: now, data };
}

/** The id of the event of a status change. It is derived, so that an event that is made again has the same id. */
export function changeEventId(orderId: string, version: number): string {
  return `${orderId}:${version}`;
}

/** The id of the event of the nth extension of a hold. */
export function extensionEventId(orderId: string, n: number): string {
  return `${orderId}:extension:${n}`;
}

/** The id of the event about a payment that must be refunded. */
export function refundEventId(orderId: string, paymentId: string): string {
  return `${orderId}:refund:${paymentId}`;
}
