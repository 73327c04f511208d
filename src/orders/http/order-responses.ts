import { z } from 'zod';
import { type ErrorSpec, errorResponse, type ResponseSpec } from '../../platform/openapi/response.ts';

/** What clients are told of the refusals that several routes share, or that tell more than others. */

const malformed: ErrorSpec = {
  example: { message: 'The request is malformed', code: 'malformed' },
  description: 'The request is not valid HTTP, its path cannot be read, or its body is not valid JSON.',
};

/** Of a request whose field is not as described; `field` and `message` make the example. */
export function invalid(field: string, message: string): ResponseSpec {
  const response = errorResponse(
    'BadRequest',
    'The request is not as described. Each error is about one field; all of them are named at once.',
    {
      errors: [
        {
          example: { message, field, code: 'invalid' },
          details: {
            field: z.string().optional().meta({
              description:
                'The parameter, the header or the field of the body that it is about; absent where it is the whole body.',
            }),
          },
        },
        malformed,
      ],
    },
  );
  // What is not valid HTTP is answered before it can have an id.
  return { ...response, headers: [], optionalHeaders: ['X-Request-Id'] };
}

export const invalidOrderId = invalid('orderId', 'orderId must be the id of an order, 24 hexadecimal digits');

export const ownOrder: Record<number, ResponseSpec> = {
  403: errorResponse('NotOwner', 'The order is of somebody else.', {
    errors: [{ example: { message: 'This is the order of somebody else', code: 'not_owner' } }],
  }),
  404: errorResponse('OrderNotFound', 'There is no such order.', {
    errors: [{ example: { message: 'There is no such order', code: 'order_not_found' } }],
  }),
};

export const final = errorResponse(
  'OrderIsFinal',
  'It is too late: the order is paid, or its time is over. Nothing has changed but that an order whose time is over is ' +
    '`expired` now.',
  {
    errors: [
      {
        example: { message: 'The order is paid', code: 'order_paid' },
        description: 'The ticket is bought, for good.',
      },
      {
        example: { message: 'The order is expired', code: 'order_expired' },
        description: 'The time of the order is over, so the ticket is let go already.',
      },
    ],
  },
);

export const ticketNotFound = errorResponse(
  'TicketNotFound',
  'There is no such ticket. One that was put up for sale a moment ago may follow: the services tell each other by events.',
  {
    errors: [
      {
        example: { message: 'There is no such ticket', field: 'ticketId', code: 'ticket_not_found' },
        details: { field: z.literal('ticketId') },
      },
    ],
  },
);

const orderId = (description: string) =>
  z
    .string()
    .optional()
    .meta({ description, pattern: '^[0-9a-f]{24}$', examples: ['6b04db2da39c0fc557bdbfb7'] });
const availableAt = (description: string) =>
  z.iso.datetime().meta({
    description: `${description} ISO 8601, UTC, by the service's clock; \`Retry-After\` is the same in seconds.`,
    examples: ['2030-01-01T12:15:00.000Z'],
  });

export const taken = errorResponse(
  'NotAvailable',
  'The ticket is held or sold, or too many of your orders await payment. `Retry-After` is there where another try makes ' +
    'sense: always, unless the ticket is sold.',
  {
    errors: [
      {
        example: {
          message: 'The ticket is reserved',
          code: 'ticket_reserved',
          availableAt: '2030-01-01T12:15:00.000Z',
        },
        description:
          'An order holds the ticket and may still be paid. It is free again at `availableAt`, or sooner if the order ' +
          'is cancelled.',
        details: {
          availableAt: availableAt('When the hold ends if it is not paid.'),
          orderId: orderId('Your own order, when it is you who holds the ticket: go on with that one.'),
        },
      },
      {
        example: { message: 'The ticket is sold', code: 'ticket_sold' },
        description: 'The ticket is paid for. There is nothing to wait for.',
        details: {
          orderId: orderId('Your own order, when it is you who bought the ticket: it is yours already.'),
        },
      },
      {
        example: {
          message: 'At most 5 of your orders may await payment at a time: pay or cancel one first',
          code: 'too_many_pending',
          availableAt: '2030-01-01T12:15:00.000Z',
        },
        description: 'The ticket may be free, but you have as many orders that await payment as are allowed.',
        details: { availableAt: availableAt('When the first of them ends by itself.') },
      },
    ],
    optionalHeaders: ['Retry-After'],
  },
);
