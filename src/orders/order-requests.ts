import { body, header, param, query } from 'express-validator';
import { type OrderStatus, orderStatuses } from './order.ts';
import { readCursor } from './order-cursor.ts';

const objectId = /^[0-9a-fA-F]{24}$/;

/** The parts of the requests, each with the chain that decides what is accepted. */

export interface PlaceOrderBody {
  ticketId: string;
}

export const placeOrderChains = [
  body('ticketId', 'ticketId must be the id of a ticket, 24 hexadecimal digits')
    .isString()
    .bail()
    .matches(objectId)
    // Peers compare ids as strings, and all of them write small letters.
    .toLowerCase(),
  header('idempotency-key', 'Idempotency-Key must be 1 to 255 printable ASCII characters')
    .optional()
    .matches(/^[\x20-\x7e]{1,255}$/),
];

export interface OrderIdParam {
  orderId: string;
}

export const orderIdChain = param('orderId', 'the order id must be 24 hexadecimal digits').matches(objectId);

const cancelMessage = 'the only change of an order is {"status":"cancelled"}';
export const cancelOrderChains = [
  orderIdChain,
  body('', cancelMessage).custom((value: unknown) => value === undefined || isCancellation(value)),
];

export interface ListOrdersQuery {
  status?: OrderStatus;
  limit?: string;
  cursor?: string;
}

export const mostPerPage = 100;

export const listOrdersChains = [
  query('status', `status must be one of ${orderStatuses.join(', ')}`)
    .optional()
    .custom((value: unknown) => orderStatuses.includes(value as OrderStatus)),
  query('limit', `limit must be a whole number from 1 to ${mostPerPage}`)
    .optional()
    .custom((value: unknown) => typeof value === 'string' && /^(?:[1-9]\d?|100)$/.test(value)),
  query('cursor', 'cursor must be one that a Link header gave')
    .optional()
    .custom((value: unknown) => readCursor(value) !== undefined),
];

/** `{"status":"cancelled"}`, or an empty object, which means the same; anything else asks for something else. */
function isCancellation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([field, wanted]) => field === 'status' && wanted === 'cancelled');
}
