import { z } from 'zod';
import { everywhere, withBody } from '../../platform/openapi/common-responses.ts';
import type { Operation } from '../../platform/openapi/operation.ts';
import { otherMethods } from '../../platform/openapi/other-methods.ts';
import { errorResponse, withOptionalHeaders } from '../../platform/openapi/response.ts';
import {
  cancelOrderRequest,
  listOrdersRequest,
  oneOrderRequest,
  placeOrderRequest,
} from './order-requests.ts';
import { final, invalid, invalidOrderId, ownOrder, taken, ticketNotFound } from './order-responses.ts';
import { orderDetailSchema, orderSchema } from './order-view.ts';

/** What clients are told of the routes in order-routes.ts. */

export const orderOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/orders',
    operationId: 'placeOrder',
    summary: 'Hold a ticket',
    description:
      'Places an order, which holds the ticket for you alone for `holdSecondsLeft`. The ids of tickets are those of ' +
      'the tickets service. Pay within that time, at the payments service and with the `id` of the order; otherwise ' +
      'the ticket is free again, without anybody doing anything.\n\n' +
      'Send a new `Idempotency-Key` with every click, and the same one with every repetition of a request whose answer ' +
      'you did not get. The key names its order for good: with the same key a cancelled or expired order comes again ' +
      'as what it is, so look at `status`, and take a new key to purchase the ticket once more.',
    request: placeOrderRequest,
    answers: withOptionalHeaders(['RateLimit', 'RateLimit-Policy'], {
      ...everywhere,
      ...withBody,
      201: {
        description:
          'The ticket is held for you. Or, with `Idempotency-Replayed`, the order that was placed before with this ' +
          '`Idempotency-Key`, as it is now: look at its `status`.',
        headers: ['X-Request-Id', 'Location'],
        optionalHeaders: ['Idempotency-Replayed'],
        content: { schema: orderSchema },
      },
      400: invalid('ticketId', 'ticketId must be the id of a ticket, 24 hexadecimal digits'),
      404: ticketNotFound,
      409: taken,
      422: errorResponse('KeyReused', 'The `Idempotency-Key` was used for another ticket: take a new one.', {
        errors: [
          { example: { message: 'This Idempotency-Key was used for another order', code: 'key_reused' } },
        ],
      }),
      429: errorResponse('RateLimited', 'You ask for purchases too often.', {
        errors: [{ example: { message: 'Too many purchases, see Retry-After', code: 'rate_limited' } }],
        headers: ['Retry-After'],
      }),
    }),
  },
  {
    method: 'get',
    path: '/api/orders',
    operationId: 'listOrders',
    summary: 'List your orders',
    description:
      'Your own orders, newest first, page by page: follow the `Link` header while there is one. Its path has all ' +
      'parameters in it. Orders that are placed meanwhile do not move the pages.',
    request: listOrdersRequest,
    answers: {
      ...everywhere,
      200: {
        description: 'A page of orders; empty when there are none.',
        headers: ['X-Request-Id'],
        optionalHeaders: ['Link'],
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
    description: 'One of your own orders as it is now, and how it came to be that.',
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
      'already is fine and changes nothing, so the request can be repeated. A payment that comes afterwards is ' +
      'given back.',
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
    description: 'The same as `PATCH`, without a body. The order stays in your list, as `cancelled`.',
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
