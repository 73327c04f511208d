import { unavailable } from '../../platform/http/common-errors.ts';
import { messageFor } from '../../platform/http/request-schema.ts';
import { badRequest, commonResponses, userResponses } from '../../platform/openapi/common-responses.ts';
import { errorResponse, type ResponseSpec } from '../../platform/openapi/response-spec.ts';
import { finalErrors, ownOrderErrors } from './order-errors.ts';
import { orderId } from './order-id.ts';

/** The responses that several endpoints of the orders share. */

/** The responses of every operation, also without a session. */
export const publicResponses: readonly ResponseSpec[] = commonResponses({
  ...unavailable,
  description:
    'Whether a change was made is not known: read the order, or repeat the request. With the same ' +
    '`Idempotency-Key` a repeated purchase is safe, and repeated cancelling is always.',
});

/** The responses of every operation that needs a session. */
export const signedInResponses: readonly ResponseSpec[] = [...publicResponses, ...userResponses];

/** The responses of every operation on one order. */
export const ownOrderResponses: readonly ResponseSpec[] = [
  badRequest({ field: 'orderId', message: messageFor('params', 'orderId', orderId) }),
  errorResponse('NotOwner', 'The order is of somebody else.', [ownOrderErrors.not_owner]),
  errorResponse('OrderNotFound', 'There is no such order.', [ownOrderErrors.not_found]),
];

/** Of PATCH and DELETE. */
export const finalResponse = errorResponse(
  'OrderIsFinal',
  'It is too late: the order is paid, or its time is over. Nothing has changed but that an order whose time is over is ' +
    '`expired` now.',
  [finalErrors.paid, finalErrors.expired],
);
