import {
  choiceField,
  objectIdField,
  opaqueField,
  optional,
  textField,
  wholeNumberField,
} from '../../platform/http/request-fields.ts';
import type { RequestSchema } from '../../platform/http/request-schema.ts';
import { orderStatuses } from '../domain/order.ts';
import { readCursor } from '../domain/order-cursor.ts';

/** What the requests on orders may hold. The routes validate it, and the API's description is made of it. */

const orderId = objectIdField({
  of: 'an order',
  description: 'The id of one of your own orders.',
  example: '6b04db2da39c0fc557bdbfb7',
});

export const placeOrderRequest = {
  headers: {
    'idempotency-key': optional(
      textField({
        pattern: /^[ -~]{1,255}$/,
        rule: '1 to 255 printable ASCII characters',
        description:
          'Any text of your own, new for each purchase, for example a UUID: printable ASCII. With it a request can be ' +
          'repeated when its answer was lost: the repetition places no second order and is answered with the first ' +
          'one, as it is now. A refused request (4xx) does not use the key up.',
        example: '6f0c1c0e-8a2b-4b43-9d59-3f8c5d1f6a4e',
      }),
    ),
  },
  body: {
    id: 'Purchase',
    otherFields: 'ignored',
    fields: {
      ticketId: objectIdField({
        of: 'a ticket',
        description: 'The ticket to be held.',
        example: '6b04db2da39c0fc557bdbfa3',
      }),
    },
  },
} satisfies RequestSchema;

/** To show an order, or to cancel it without a body. */
export const oneOrderRequest = { params: { orderId } } satisfies RequestSchema;

/** No body, or an empty object, means the same; anything else asks for something else. */
export const cancelOrderRequest = {
  params: { orderId },
  body: {
    id: 'Cancellation',
    otherFields: 'refused',
    fields: {
      status: optional(
        choiceField({
          choices: ['cancelled'],
          description: 'The only change of an order that a buyer can ask for.',
          example: 'cancelled',
        }),
      ),
    },
  },
} satisfies RequestSchema;

export const maxPageSize = 100;

export const listOrdersRequest = {
  query: {
    status: optional(
      choiceField({ choices: orderStatuses, description: 'Only orders that are in this status.' }),
    ),
    limit: optional(
      wholeNumberField({
        min: 1,
        max: maxPageSize,
        description: `How many orders a page has at most; ${maxPageSize} if absent.`,
        example: 20,
      }),
    ),
    cursor: optional(
      opaqueField({
        read: readCursor,
        rule: 'one that a Link header gave',
        description: 'Where the page begins. Take it from a `Link` header, and do not look inside.',
      }),
    ),
  },
} satisfies RequestSchema;
