import { z } from 'zod';
import { everywhere, withBody } from '../api-description/answers-everywhere.ts';
import { type Operation, refusal } from '../api-description/operation.ts';
import { otherMethods } from '../api-description/other-methods.ts';
import { final, invalid, invalidOrderId, ownOrder, taken } from './order-answers.ts';
import {
  cancelOrderRequest,
  listOrdersRequest,
  oneOrderRequest,
  placeOrderRequest,
} from './order-requests.ts';
import { orderDetailSchema, orderSchema } from './order-view.ts';

/** What clients are told of the routes in order-routes.ts. */

export const orderOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/orders',
    operationId: 'placeOrder',
    summary: 'Hold a ticket',
    description:
      'Places an order, which holds the ticket for you alone until its `expiresAt`. Pay until then; otherwise the ' +
      'ticket is free again, without anybody doing anything. Where purchases are limited, every answer tells by ' +
      '`RateLimit` and `RateLimit-Policy` how many are left.',
    request: placeOrderRequest,
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
    request: listOrdersRequest,
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
  otherMethods({
    path: '/api/orders',
    operationId: 'optionsOfOrders',
    summary: 'Ask for the methods of the orders',
  }),
  {
    method: 'get',
    path: '/api/orders/:orderId',
    operationId: 'showOrder',
    summary: 'Show an order with its history',
    description: 'One of your own orders, and how it came to be what it is.',
    request: oneOrderRequest,
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
    request: cancelOrderRequest,
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
    request: oneOrderRequest,
    answers: {
      ...everywhere,
      ...ownOrder,
      204: { description: 'The order is cancelled.', headers: ['X-Request-Id'] },
      400: invalidOrderId,
      409: final,
    },
  },
  otherMethods({
    path: '/api/orders/:orderId',
    operationId: 'optionsOfOrder',
    summary: 'Ask for the methods of an order',
  }),
];
