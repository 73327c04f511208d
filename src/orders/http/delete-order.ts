import { reply } from '../../platform/http/reply.ts';
import { requireUser } from '../../platform/http/session.ts';
import { validate } from '../../platform/http/validation.ts';
import type { Endpoint } from '../../platform/openapi/operation.ts';
import { respond, responseSpec } from '../../platform/openapi/response-spec.ts';
import type { CancelOrderDeps } from '../use-cases/cancel-order.ts';
import { cancel } from './cancel-order.ts';
import { oneOrderRequest } from './order-id.ts';
import { finalResponse, ownOrderResponses, signedInResponses } from './order-responses.ts';
import { orderPath } from './paths.ts';

const cancelled = responseSpec({ status: 204, description: 'The order is cancelled.' });

export const deleteOrderEndpoint: Endpoint<CancelOrderDeps> = {
  method: 'delete',
  path: orderPath,
  operationId: 'deleteOrder',
  summary: 'Cancel an order, without an answer to read',
  description: 'The same as `PATCH`, without a body. The order stays in your list, as `cancelled`.',
  request: oneOrderRequest,
  responses: [...signedInResponses, ...ownOrderResponses, cancelled, finalResponse],
  handlers: (deps) => [
    requireUser,
    validate(oneOrderRequest),
    reply(async (req) => {
      await cancel(deps, req);
      return respond(cancelled);
    }),
  ],
};
