import type { Request, RequestHandler } from 'express';
import { jsonBody } from '../../platform/http/json-body.ts';
import { type Reply, reply } from '../../platform/http/reply.ts';
import type { RequestSchema } from '../../platform/http/request-schema.ts';
import { requireUser, userOf } from '../../platform/http/session.ts';
import { validate, validated } from '../../platform/http/validation.ts';
import { bodyResponses } from '../../platform/openapi/common-responses.ts';
import type { Endpoint } from '../../platform/openapi/operation.ts';
import {
  errorResponse,
  respond,
  responseSpec,
  withOptionalHeaders,
} from '../../platform/openapi/response-spec.ts';
import { type ExtendOrderDeps, extendOrder } from '../use-cases/extend-order.ts';
import { extensionError, extensionErrors } from './extension-errors.ts';
import { rateLimitHeaders } from './order-headers.ts';
import { orderId } from './order-id.ts';
import { ownOrderPostResponses, rateLimitedResponse, signedInResponses } from './order-responses.ts';
import type { OrderViews } from './order-view.ts';
import { extensionPath } from './paths.ts';

export interface ExtendOrderEndpointDeps extends ExtendOrderDeps {
  /** The rate limit of purchases, which counts extensions, too; empty without a limit. */
  purchaseLimit: RequestHandler[];
}

/** No body, or an empty object. How much time is added is not the client's to choose, so a field is refused. */
const request = {
  params: { orderId },
  body: { id: 'Extension', otherFields: 'refused', fields: {} },
} satisfies RequestSchema;

const refusedResponse = errorResponse(
  'NotExtended',
  'The hold is as it was: no time can be added, or the order is paid, cancelled or expired. One whose time was over is ' +
    '`expired` now.',
  [extensionErrors.limit_reached, extensionErrors.paid, extensionErrors.cancelled, extensionErrors.expired],
);

/** The endpoint, with orders shown by these views. */
export function extendOrderEndpoint({
  orderSchema,
  orderView,
}: OrderViews): Endpoint<ExtendOrderEndpointDeps> {
  const extended = responseSpec({
    status: 200,
    description:
      'The order, with the end that its hold has now: look at `expiresAt`, or at `holdSecondsLeft`.',
    schema: orderSchema,
  });

  async function extend(deps: ExtendOrderEndpointDeps, req: Request): Promise<Reply> {
    const { orderId } = validated<typeof request>(req);
    const outcome = await extendOrder(deps, { userId: userOf(req).id, orderId });
    if (outcome.kind !== 'extended') throw extensionError(outcome);
    return respond(extended, { body: orderView(outcome.order, deps.clock()) });
  }

  return {
    method: 'post',
    path: extensionPath,
    operationId: 'extendOrder',
    summary: 'Ask for more time to pay',
    description:
      'Extends the hold of a `pending` order, where the service is set to allow it (`ORDER_EXTENSION_SECONDS`, which is ' +
      'how long the hold lasts from now on). No hold lasts longer than the service is set to ' +
      '(`ORDER_HOLD_LIMIT_SECONDS`, from `createdAt` on). An end that is later already, or about the same, stays, so the ' +
      'request can be repeated.',
    request,
    responses: withOptionalHeaders(rateLimitHeaders, [
      ...signedInResponses,
      ...bodyResponses,
      ...ownOrderPostResponses,
      extended,
      refusedResponse,
      rateLimitedResponse,
    ]),
    handlers: (deps) => [
      // First, as with a purchase.
      ...deps.purchaseLimit,
      requireUser,
      ...jsonBody,
      validate(request),
      reply((req) => extend(deps, req)),
    ],
  };
}
