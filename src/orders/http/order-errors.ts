import { unavailable } from '../../platform/http/common-errors.ts';
import { type DescribedError, errorSpec } from '../../platform/http/error-spec.ts';
import type { HttpError } from '../../platform/http/http-error.ts';
import type { CancelOrderOutcome } from '../use-cases/cancel-order.ts';
import type { ShowOrderOutcome } from '../use-cases/show-order.ts';

/** The errors of showing or cancelling one order. */

type ShowRefusal = Exclude<ShowOrderOutcome, { kind: 'found' }>;
type CancelRefusal = Exclude<CancelOrderOutcome, { kind: 'cancelled' }>;
type FinalStatus = Extract<CancelRefusal, { kind: 'final' }>['status'];

/** The errors of a request for an order that the user does not have. */
export const ownOrderErrors = {
  not_owner: errorSpec({
    status: 403,
    code: 'not_owner',
    message: 'This is the order of somebody else',
  }),
  not_found: errorSpec({
    status: 404,
    code: 'order_not_found',
    message: 'There is no such order',
  }),
} satisfies Record<ShowRefusal['kind'], DescribedError>;

/** The errors of a cancel that comes too late, by the status of the order. */
export const finalErrors = {
  paid: errorSpec({
    status: 409,
    code: 'order_paid',
    message: 'The order is paid',
    description: 'The ticket is bought, for good.',
  }),
  expired: errorSpec({
    status: 409,
    code: 'order_expired',
    message: 'The order is expired',
    description: 'The time of the order is over, so the ticket is let go already.',
  }),
} satisfies Record<FinalStatus, DescribedError>;

/** The error of a refused cancel. */
export function cancelError(refusal: CancelRefusal): HttpError {
  switch (refusal.kind) {
    case 'not_owner':
    case 'not_found':
      return ownOrderErrors[refusal.kind].error();
    case 'final':
      return finalErrors[refusal.status].error();
    case 'conflict':
      return unavailable.error({});
  }
}
