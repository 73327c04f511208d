import type { Request } from 'express';
import { type Reply, reply } from '../../platform/http/reply.ts';
import { requireUser, userOf } from '../../platform/http/session.ts';
import { validate, validated } from '../../platform/http/validation.ts';
import type { Endpoint } from '../../platform/openapi/operation.ts';
import { respond, responseSpec } from '../../platform/openapi/response-spec.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { type ShowOrderDeps, showOrder } from '../use-cases/show-order.ts';
import { ownOrderErrors } from './order-errors.ts';
import { oneOrderRequest } from './order-id.ts';
import { ownOrderResponses, signedInResponses } from './order-responses.ts';
import type { OrderViews } from './order-view.ts';
import { orderPath } from './paths.ts';

export interface ShowOrderEndpointDeps extends ShowOrderDeps {
  clock: Clock;
}

/** The endpoint, with orders shown by these views. */
export function showOrderEndpoint(views: OrderViews): Endpoint<ShowOrderEndpointDeps> {
  const { orderDetailSchema, orderDetailView } = views;
  const shown = responseSpec({ status: 200, description: 'The order.', schema: orderDetailSchema });

  async function show(deps: ShowOrderEndpointDeps, req: Request): Promise<Reply> {
    const { orderId } = validated<typeof oneOrderRequest>(req);
    const outcome = await showOrder(deps, { userId: userOf(req).id, orderId });
    if (outcome.kind !== 'found') throw ownOrderErrors[outcome.kind].error();
    return respond(shown, { body: orderDetailView(outcome.order, deps.clock()) });
  }

  return {
    method: 'get',
    path: orderPath,
    operationId: 'showOrder',
    summary: 'Show an order with its history',
    description: 'One of your own orders as it is now, and how it came to be that.',
    request: oneOrderRequest,
    responses: [...signedInResponses, ...ownOrderResponses, shown],
    handlers: (deps) => [requireUser, validate(oneOrderRequest), reply((req) => show(deps, req))],
  };
}
