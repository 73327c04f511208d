import { z } from 'zod';
import { type Answer, refusal } from '../api-description/operation.ts';

/** What clients are told of the refusals that several routes share, or that tell more than others. */

const malformed = { message: 'The request is malformed', code: 'malformed' };

export function invalid(field: string, message: string): Answer {
  return refusal(
    'BadRequest',
    'The request is not as described: each problem names its field. Or it is not valid HTTP or JSON.',
    {
      problems: [{ message, field, code: 'invalid' }, malformed],
    },
  );
}

export const invalidOrderId = invalid('orderId', 'orderId must be the id of an order, 24 hexadecimal digits');

export const ownOrder: Record<number, Answer> = {
  403: refusal('NotOwner', 'The order is of somebody else.', {
    problems: [{ message: 'This is the order of somebody else', code: 'not_owner' }],
  }),
  404: refusal('OrderNotFound', 'There is no such order.', {
    problems: [{ message: 'There is no such order', code: 'order_not_found' }],
  }),
};

export const final = refusal('OrderIsFinal', 'It is too late: the order is paid, or its time is over.', {
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

export const taken = refusal(
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
