import type { Request } from 'express';
import { jsonBody } from '../../platform/http/json-body.ts';
import { reply } from '../../platform/http/reply.ts';
import { choiceField, optional } from '../../platform/http/request-fields.ts';
import type { RequestSchema } from '../../platform/http/request-schema.ts';
import { requireUser, userOf } from '../../platform/http/session.ts';
import { validate, validated } from '../../platform/http/validation.ts';
import { bodyResponses } from '../../platform/openapi/common-responses.ts';
import type { Endpoint } from '../../platform/openapi/operation.ts';
import { respond, responseSpec } from '../../platform/openapi/response-spec.ts';
import type { Order } from '../domain/order.ts';
import { type CancelOrderDeps, cancelOrder } from '../use-cases/cancel-order.ts';
import { cancelError } from './order-errors.ts';
import { type oneOrderRequest, orderId } from './order-id.ts';
import { finalResponse, ownOrderResponses, signedInResponses } from './order-responses.ts';
import type { OrderViews } from './order-view.ts';
import { orderPath } from './paths.ts';

/** No body, or an empty object, means the same as the status. */
const request = {
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

/** The endpoint, with orders shown by these views. The request keeps our own word, whatever the answer calls it. */
export function cancelOrderEndpoint({ orderSchema, orderView }: OrderViews): Endpoint<CancelOrderDeps> {
  const cancelled = responseSpec({ status: 200, description: 'The cancelled order.', schema: orderSchema });
  return {
    method: 'patch',
    path: orderPath,
    operationId: 'cancelOrder',
    summary: 'Cancel an order',
    description:
      'Lets the ticket go. No body, or an empty object, means the same. Cancelling an order that is cancelled ' +
      'already is fine and changes nothing, so the request can be repeated. A payment that comes afterwards is ' +
      'given back.',
    request,
    responses: [...signedInResponses, ...bodyResponses, ...ownOrderResponses, cancelled, finalResponse],
    handlers: (deps) => [
      requireUser,
      ...jsonBody,
      validate(request),
      reply(async (req) => respond(cancelled, { body: orderView(await cancel(deps, req), deps.clock()) })),
    ],
  };
}

/**
 * Cancels the order that a validated request names, for the user who has sent it.
 *
 * @throws HttpError when it cannot be cancelled
 */
export async function cancel(deps: CancelOrderDeps, req: Request): Promise<Order> {
  const { orderId } = validated<typeof oneOrderRequest>(req);
  const outcome = await cancelOrder(deps, { userId: userOf(req).id, orderId });
  if (outcome.kind !== 'cancelled') throw cancelError(outcome);
  return outcome.order;
}
