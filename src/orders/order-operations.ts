import { z } from 'zod';
import { type Answer, everywhere, type Operation, refusal, withBody } from '../api-description/operation.ts';
import {
  cancelOrderBody,
  listOrdersQuery,
  orderIdParam,
  placeOrderBody,
  placeOrderHeaders,
} from './order-requests.ts';
import { orderDetailSchema, orderSchema } from './order-view.ts';

/** What clients are told of the routes in order-routes.ts. */

const malformed = { message: 'The request is malformed', code: 'malformed' };

function invalid(field: string, message: string): Answer {
  return refusal(
    'BadRequest',
    'The request is not as described: each problem names its field. Or it is not valid HTTP or JSON.',
    {
      problems: [{ message, field, code: 'invalid' }, malformed],
    },
  );
}

const invalidOrderId = invalid('orderId', 'the order id must be 24 hexadecimal digits');

const ownOrder: Record<number, Answer> = {
  403: refusal('NotOwner', 'The order is of somebody else.', {
    problems: [{ message: 'This is the order of somebody else', code: 'not_owner' }],
  }),
  404: refusal('OrderNotFound', 'There is no such order.', {
    problems: [{ message: 'There is no such order', code: 'order_not_found' }],
  }),
};

const final = refusal('OrderIsFinal', 'It is too late: the order is paid, or its time is over.', {
  problems: [
    { message: 'The order is paid', code: 'order_paid' },
    { message: 'The order is expired', code: 'order_expired' },
  ],
});

const orderId = z
  .string()
  .optional()
  .meta({
    description: 'Your own order, when it is you who holds the ticket.',
    examples: ['6b04db2da39c0fc557bdbfb7'],
  });
const availableAt = z.iso
  .datetime()
  .optional()
  .meta({
    description: 'When the hold ends if it is not paid. ISO 8601, UTC.',
    examples: ['2030-01-01T12:15:00.000Z'],
  });

const taken = refusal(
  'NotAvailable',
  'The ticket is held or sold, or too many of your orders await payment. With `Retry-After` and `availableAt` ' +
    'another try makes sense then; without them the ticket is sold.',
  {
    problems: [
      { message: 'The ticket is reserved', code: 'ticket_reserved', availableAt: '2030-01-01T12:15:00.000Z' },
      { message: 'The ticket is sold', code: 'ticket_sold' },
      {
        message: 'At most 5 of your orders may await payment at a time: pay or cancel one first',
        code: 'too_many_pending',
        availableAt: '2030-01-01T12:15:00.000Z',
      },
    ],
    details: { orderId, availableAt },
    headers: ['Retry-After'],
  },
);

export const orderOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/orders',
    operationId: 'placeOrder',
    summary: 'Hold a ticket',
    description:
      'Places an order, which holds the ticket for you alone until its `expiresAt`. Pay until then; otherwise the ' +
      'ticket is free again, without anybody doing anything.',
    headers: placeOrderHeaders,
    body: { schema: placeOrderBody, required: 'required' },
    answers: {
      ...everywhere,
      ...withBody,
      201: {
        description:
          'The ticket is held for you; or the order that was placed before with this `Idempotency-Key`.',
        headers: ['X-Request-Id', 'Location'],
        content: { schema: orderSchema },
      },
      400: invalid('ticketId', 'ticketId must be the id of a ticket, 24 hexadecimal digits'),
      404: refusal('TicketNotFound', 'There is no such ticket.', {
        problems: [{ message: 'There is no such ticket', field: 'ticketId', code: 'ticket_not_found' }],
      }),
      409: taken,
      422: refusal('KeyReused', 'The `Idempotency-Key` was used for another ticket.', {
        problems: [{ message: 'This Idempotency-Key was used for another order', code: 'key_reused' }],
      }),
      429: refusal('RateLimited', 'You ask for purchases too often.', {
        problems: [{ message: 'Too many purchases, see Retry-After', code: 'rate_limited' }],
        headers: ['Retry-After'],
      }),
    },
  },
  {
    method: 'get',
    path: '/api/orders',
    operationId: 'listOrders',
    summary: 'List your orders',
    description: 'Your own orders, newest first, page by page: follow the `Link` header while there is one.',
    query: listOrdersQuery,
    answers: {
      ...everywhere,
      200: {
        description: 'A page of orders; empty when there are none.',
        headers: ['X-Request-Id', 'Link'],
        content: { schema: z.array(orderSchema) },
      },
      400: invalid('limit', 'limit must be a whole number from 1 to 100'),
    },
  },
  {
    method: 'get',
    path: '/api/orders/:orderId',
    operationId: 'showOrder',
    summary: 'Show an order with its history',
    description: 'One of your own orders, and how it came to be what it is.',
    params: orderIdParam,
    answers: {
      ...everywhere,
      ...ownOrder,
      200: { description: 'The order.', headers: ['X-Request-Id'], content: { schema: orderDetailSchema } },
      400: invalidOrderId,
    },
  },
  {
    method: 'patch',
    path: '/api/orders/:orderId',
    operationId: 'cancelOrder',
    summary: 'Cancel an order',
    description:
      'Lets the ticket go. No body, or an empty object, means the same. Cancelling an order that is cancelled ' +
      'already is fine and changes nothing.',
    params: orderIdParam,
    body: { schema: cancelOrderBody, required: 'optional' },
    answers: {
      ...everywhere,
      ...withBody,
      ...ownOrder,
      200: {
        description: 'The cancelled order.',
        headers: ['X-Request-Id'],
        content: { schema: orderSchema },
      },
      400: invalidOrderId,
      409: final,
    },
  },
  {
    method: 'delete',
    path: '/api/orders/:orderId',
    operationId: 'deleteOrder',
    summary: 'Cancel an order, without an answer to read',
    description: 'The same as `PATCH`. The order stays in your list, as `cancelled`.',
    params: orderIdParam,
    answers: {
      ...everywhere,
      ...ownOrder,
      204: { description: 'The order is cancelled.', headers: ['X-Request-Id'] },
      400: invalidOrderId,
      409: final,
    },
  },
];
