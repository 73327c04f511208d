import type { Request, RequestHandler } from 'express';
import { jsonBody } from '../../platform/http/json-body.ts';
import { type Reply, reply } from '../../platform/http/reply.ts';
import { objectIdField, optional, textField } from '../../platform/http/request-fields.ts';
import { messageFor, type RequestSchema } from '../../platform/http/request-schema.ts';
import { requireUser, userOf } from '../../platform/http/session.ts';
import { validate, validated } from '../../platform/http/validation.ts';
import { badRequest, bodyResponses, crossSiteResponse } from '../../platform/openapi/common-responses.ts';
import type { Endpoint } from '../../platform/openapi/operation.ts';
import {
  errorResponse,
  respond,
  responseSpec,
  withOptionalHeaders,
} from '../../platform/openapi/response-spec.ts';
import { type PlaceOrderDeps, placeOrder } from '../use-cases/place-order.ts';
import { exampleTicketId } from './examples.ts';
import { idempotencyReplayedHeader, locationHeader, rateLimitHeaders } from './order-headers.ts';
import { rateLimitedResponse, signedInResponses } from './order-responses.ts';
import type { OrderViews } from './order-view.ts';
import { ordersPath } from './paths.ts';
import { purchaseError, purchaseErrors } from './purchase-errors.ts';

export interface PlaceOrderEndpointDeps extends PlaceOrderDeps {
  /** The rate limit of purchases; empty without a limit. */
  purchaseLimit: RequestHandler[];
}

const ticketId = objectIdField({
  of: 'a ticket',
  description: 'The ticket to be held.',
  example: exampleTicketId,
});

const request = {
  headers: {
    'idempotency-key': optional(
      textField({
        pattern: /^[ -~]{1,255}$/,
        rule: '1 to 255 printable ASCII characters',
        description:
          'Any text of your own, new for each purchase, for example a UUID: printable ASCII. With it a request can be ' +
          'repeated when its answer was lost: the repetition places no second order and is answered with the first ' +
          'one, as it is now. A refused request (4xx) does not use the key up.',
        example: '6f0c1c0e-8a2b-4b43-9d59-3f8c5d1f6a4e',
      }),
    ),
  },
  body: { id: 'Purchase', otherFields: 'ignored', fields: { ticketId } },
} satisfies RequestSchema;

const { ticket_not_found, ticket_reserved, ticket_sold, cooldown, too_many_pending, key_mismatch } =
  purchaseErrors;

const refusals = [
  errorResponse(
    'TicketNotFound',
    'There is no such ticket. One that was put up for sale a moment ago may follow: the services tell each other by events.',
    [ticket_not_found],
  ),
  errorResponse(
    'NotAvailable',
    'The ticket is held or sold, or you let it go a short while ago, or too many of your orders await payment. `Retry-After` is there where another try makes ' +
      'sense: always, unless the ticket is sold.',
    [ticket_reserved, ticket_sold, cooldown, too_many_pending],
  ),
  errorResponse('KeyReused', 'The `Idempotency-Key` was used for another ticket: take a new one.', [
    key_mismatch,
  ]),
];

/** The endpoint, with orders shown by these views. */
export function placeOrderEndpoint({ orderSchema, orderView }: OrderViews): Endpoint<PlaceOrderEndpointDeps> {
  const placed = responseSpec({
    status: 201,
    description:
      'The ticket is held for you. Or, with `Idempotency-Replayed`, the order that was placed before with this ' +
      '`Idempotency-Key`, as it is now: look at its `status`.',
    headers: [locationHeader],
    optionalHeaders: [idempotencyReplayedHeader],
    schema: orderSchema,
  });

  async function place(deps: PlaceOrderEndpointDeps, req: Request): Promise<Reply> {
    const { ticketId, 'idempotency-key': idempotencyKey } = validated<typeof request>(req);
    const { id: userId } = userOf(req);
    const outcome = await placeOrder(deps, { userId, ticketId, idempotencyKey });
    if (outcome.kind !== 'placed') throw purchaseError(outcome, { userId, now: deps.clock() });
    return respond(placed, {
      headers: {
        [locationHeader.name]: `${ordersPath}/${outcome.order.id}`,
        ...(outcome.replay && { [idempotencyReplayedHeader.name]: 'true' }),
      },
      body: orderView(outcome.order, deps.clock()),
    });
  }

  return {
    method: 'post',
    path: ordersPath,
    operationId: 'placeOrder',
    summary: 'Hold a ticket',
    description:
      'Places an order, which holds the ticket for you alone for `holdSecondsLeft`. The ids of tickets are those of ' +
      'the tickets service. Pay within that time, at the payments service and with the `id` of the order; otherwise ' +
      'the ticket is free again, without anybody doing anything.\n\n' +
      'Send a new `Idempotency-Key` with every click, and the same one with every repetition of a request whose answer ' +
      'you did not get. The key names its order for good: with the same key a cancelled or expired order comes again ' +
      'as what it is, so look at `status`, and take a new key to purchase the ticket once more.',
    request,
    responses: [
      crossSiteResponse,
      ...withOptionalHeaders(rateLimitHeaders, [
        ...signedInResponses,
        ...bodyResponses,
        badRequest({ field: 'ticketId', message: messageFor('body', 'ticketId', ticketId) }),
        placed,
        ...refusals,
        rateLimitedResponse,
      ]),
    ],
    handlers: (deps) => [
      // First, so that requests without a session count, too.
      ...deps.purchaseLimit,
      requireUser,
      ...jsonBody,
      validate(request),
      reply((req) => place(deps, req)),
    ],
  };
}
