import { HttpError, unavailable } from '../../platform/http/errors.ts';
import type { Order } from '../domain/order.ts';
import type { CancelOrderOutcome } from '../use-cases/cancel-order.ts';
import type { PlaceOrderOutcome } from '../use-cases/place-order.ts';

/** What the outcomes of the use cases that change nothing are over HTTP. */

export function placeRefusal(
  outcome: Exclude<PlaceOrderOutcome, { kind: 'placed' }>,
  userId: string,
  now: Date,
): HttpError {
  switch (outcome.kind) {
    case 'ticket_not_found':
      return new HttpError(404, {
        message: 'There is no such ticket',
        field: 'ticketId',
        code: 'ticket_not_found',
      });
    case 'key_mismatch':
      return new HttpError(422, {
        message: 'This Idempotency-Key was used for another order',
        code: 'key_reused',
      });
    case 'conflict':
      return unavailable();
    case 'ticket_sold':
      return new HttpError(409, {
        message: 'The ticket is sold',
        code: 'ticket_sold',
        ...ownOrder(outcome.holdingOrder, userId),
      });
    case 'too_many_pending':
      return new HttpError(
        409,
        {
          message: `At most ${outcome.limit} of your orders may await payment at a time: pay or cancel one first`,
          code: 'too_many_pending',
          availableAt: outcome.availableAt.toISOString(),
        },
        retryAt(outcome.availableAt, now),
      );
    case 'ticket_reserved':
      return new HttpError(
        409,
        {
          message: 'The ticket is reserved',
          code: 'ticket_reserved',
          availableAt: outcome.availableAt.toISOString(),
          ...ownOrder(outcome.holdingOrder, userId),
        },
        retryAt(outcome.availableAt, now),
      );
  }
}

function retryAt(time: Date, now: Date) {
  const seconds = Math.ceil((time.getTime() - now.getTime()) / 1_000);
  return { 'Retry-After': String(Math.max(1, seconds)) };
}

/** Only the holder is told which order it is. */
function ownOrder(holder: Order, userId: string) {
  return holder.userId === userId ? { orderId: holder.id } : {};
}

export function cancelRefusal(outcome: Exclude<CancelOrderOutcome, { kind: 'cancelled' }>): HttpError {
  switch (outcome.kind) {
    case 'not_found':
      return orderNotFound();
    case 'not_owner':
      return notOwner();
    case 'conflict':
      return unavailable();
    case 'final':
      return new HttpError(409, {
        message: `The order is ${outcome.status}`,
        code: `order_${outcome.status}`,
      });
  }
}

export function orderNotFound(): HttpError {
  return new HttpError(404, { message: 'There is no such order', code: 'order_not_found' });
}

export function notOwner(): HttpError {
  return new HttpError(403, { message: 'This is the order of somebody else', code: 'not_owner' });
}
