import { crossSite, unavailable } from '../../platform/http/common-errors.ts';
import { messageFor } from '../../platform/http/request-schema.ts';
import { badRequest, commonResponses, userResponses } from '../../platform/openapi/common-responses.ts';
import { errorResponse, type ResponseSpec } from '../../platform/openapi/response-spec.ts';
import { finalErrors, ownOrderErrors } from './order-errors.ts';
import { orderId } from './order-id.ts';
import { tooManyPurchases } from './purchase-errors.ts';

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

const badOrderId = badRequest({ field: 'orderId', message: messageFor('params', 'orderId', orderId) });
const orderNotFound = errorResponse('OrderNotFound', 'There is no such order.', [ownOrderErrors.not_found]);

/** The responses of every operation on one order. */
export const ownOrderResponses: readonly ResponseSpec[] = [
  badOrderId,
  errorResponse('NotOwner', 'The order is of somebody else.', [ownOrderErrors.not_owner]),
  orderNotFound,
];

/** The same of a POST, which a form of another site can send. */
export const ownOrderPostResponses: readonly ResponseSpec[] = [
  badOrderId,
  errorResponse(
    'NotYours',
    'The order is of somebody else; or a browser sends this from another site, and in a form.',
    [ownOrderErrors.not_owner, crossSite],
  ),
  orderNotFound,
];

/** Of what the limit of purchases counts. */
export const rateLimitedResponse = errorResponse(
  'RateLimited',
  'You ask for purchases, or for more time, too often.',
  [tooManyPurchases],
);

/** Of PATCH and DELETE. */
export const finalResponse = errorResponse(
  'OrderIsFinal',
  'It is too late: the order is paid, or its time is over. Nothing has changed but that an order whose time is over is ' +
    '`expired` now.',
  [finalErrors.paid, finalErrors.expired],
);
