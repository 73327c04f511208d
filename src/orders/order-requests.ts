import { body, header, param, query } from 'express-validator';
import { z } from 'zod';
import { type OrderStatus, orderStatuses } from './order.ts';
import { readCursor } from './order-cursor.ts';

/**
 * The parts of the requests, each with the chain that decides what is accepted and the schema that tells clients.
 * The two agree (order-requests.unit.test.ts).
 */

const objectId = /^[0-9a-fA-F]{24}$/;
const exampleTicketId = '6b04db2da39c0fc557bdbfa3';

export const placeOrderBody = z
  .object({
    ticketId: z
      .string()
      .regex(objectId)
      .toLowerCase()
      .meta({
        description: 'The ticket to be held.',
        examples: [exampleTicketId],
      }),
  })
  .meta({ id: 'Purchase' });
export type PlaceOrderBody = z.infer<typeof placeOrderBody>;

export const placeOrderHeaders = z.object({
  'idempotency-key': z
    .string()
    .max(255)
    .regex(/^[ -~]+$/)
    .optional()
    .meta({
      description:
        'Any text of your own, new for each purchase, for example a UUID: printable ASCII. With it a request can be ' +
        'repeated when its answer was lost: the repetition places no second order and is answered with the first ' +
        'one, as it is now. A refused request (4xx) does not use the key up.',
      examples: ['6f0c1c0e-8a2b-4b43-9d59-3f8c5d1f6a4e'],
    }),
});

export const placeOrderChains = [
  body('ticketId', 'ticketId must be the id of a ticket, 24 hexadecimal digits')
    .isString()
    .bail()
    .matches(objectId)
    // Peers compare ids as strings, and all of them write small letters.
    .toLowerCase(),
  header('idempotency-key', 'Idempotency-Key must be 1 to 255 printable ASCII characters')
    .optional()
    .isString()
    .bail()
    .matches(/^[\x20-\x7e]{1,255}$/),
];

export const orderIdParam = z.object({
  orderId: z
    .string()
    .regex(objectId)
    .toLowerCase()
    .meta({
      description: 'The id of one of your own orders.',
      examples: ['6b04db2da39c0fc557bdbfb7'],
    }),
});
export type OrderIdParam = z.infer<typeof orderIdParam>;

export const orderIdChain = param('orderId', 'the order id must be 24 hexadecimal digits')
  .isString()
  .bail()
  .matches(objectId)
  .toLowerCase();

/** An empty object means the same; anything else asks for something else. */
export const cancelOrderBody = z
  .strictObject({ status: z.literal('cancelled').optional() })
  .meta({ id: 'Cancellation', examples: [{ status: 'cancelled' }] });

const cancelMessage = 'the only change of an order is {"status":"cancelled"}';
export const cancelOrderChains = [
  orderIdChain,
  body('', cancelMessage).custom((value: unknown) => value === undefined || isCancellation(value)),
];

export const mostPerPage = 100;
const wholeUpTo100 = /^(?:[1-9]\d?|100)$/;

export const listOrdersQuery = z.object({
  status: z.enum(orderStatuses).optional().meta({ description: 'Only orders that are in this status.' }),
  limit: z
    .string()
    .regex(wholeUpTo100)
    .transform(Number)
    .pipe(z.int().min(1).max(mostPerPage))
    .optional()
    .meta({ description: `How many orders a page has at most; ${mostPerPage} if absent.`, examples: [20] }),
  cursor: z
    .string()
    .refine((cursor) => readCursor(cursor) !== undefined)
    .optional()
    .meta({ description: 'Where the page begins. Take it from a `Link` header, and do not look inside.' }),
});
export type ListOrdersQuery = z.infer<typeof listOrdersQuery>;

export const listOrdersChains = [
  query('status', `status must be one of ${orderStatuses.join(', ')}`)
    .optional()
    .custom((value: unknown) => orderStatuses.includes(value as OrderStatus)),
  query('limit', `limit must be a whole number from 1 to ${mostPerPage}`)
    .optional()
    .custom((value: unknown) => typeof value === 'string' && wholeUpTo100.test(value)),
  query('cursor', 'cursor must be one that a Link header gave')
    .optional()
    .custom((value: unknown) => readCursor(value) !== undefined),
];

/** `{"status":"cancelled"}`, or an empty object, which means the same; anything else asks for something else. */
function isCancellation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([field, wanted]) => field === 'status' && wanted === 'cancelled');
}
