import type { Request } from 'express';
import { z } from 'zod';
import { limitPerUser } from '../../platform/http/limit-per-user.ts';
import { overloadedReply } from '../../platform/http/overload.ts';
import { type Reply, reply } from '../../platform/http/reply.ts';
import { choiceField, opaqueField, optional, wholeNumberField } from '../../platform/http/request-fields.ts';
import { messageFor, type RequestSchema } from '../../platform/http/request-schema.ts';
import { requireUser, userOf } from '../../platform/http/session.ts';
import { validate, validated } from '../../platform/http/validation.ts';
import { badRequest } from '../../platform/openapi/common-responses.ts';
import type { Endpoint } from '../../platform/openapi/operation.ts';
import { respond, responseSpec } from '../../platform/openapi/response-spec.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { type StatusNames, statusesNamed } from '../domain/status-names.ts';
import {
  type ListOrdersDeps,
  type ListOrdersOutcome,
  type ListSort,
  listOrders,
  listSorts,
  maxPageSize,
} from '../use-cases/list-orders.ts';
import { readCursor } from '../use-cases/order-cursor.ts';
import { linkHeader } from './order-headers.ts';
import { signedInResponses } from './order-responses.ts';
import type { OrderViews } from './order-view.ts';
import { ordersPath } from './paths.ts';
import { statusField } from './status-words.ts';

export interface ListOrdersEndpointDeps extends ListOrdersDeps {
  clock: Clock;
}

const limit = wholeNumberField({
  min: 1,
  max: maxPageSize,
  description: `How many orders a page has at most; ${maxPageSize} if absent.`,
  example: 20,
});

const requestBy = (names: StatusNames) =>
  ({
    query: {
      status: optional(statusField(names)),
      sort: optional(
        choiceField({
          choices: listSorts,
          description:
            'By the time at which they were placed: `createdAt` is the oldest first, `-createdAt` the newest first. If ' +
            'absent, what the service is set to (`LIST_SORT`), which is the newest first if nothing is set.',
        }),
      ),
      limit: optional(limit),
      cursor: optional(
        opaqueField({
          read: readCursor,
          rule: 'one that a Link header gave',
          description:
            'Where the page begins. Take it from a `Link` header, and do not look inside. It may be used with another ' +
            '`sort`: the page then goes back from there.',
        }),
      ),
      page: optional(
        choiceField({
          choices: ['prev'],
          description:
            'The page that ends before the `cursor`, or without one the last page. A `Link` with `rel="prev"` has it.',
        }),
      ),
    },
  }) satisfies RequestSchema;

const pageOf = ({ orderSchema }: OrderViews) =>
  responseSpec({
    status: 200,
    description: 'A page of orders; empty when there are none.',
    optionalHeaders: [linkHeader],
    schema: z.array(orderSchema),
  });

/** The endpoint, with orders shown by these views. */
export const listOrdersEndpoint = (views: OrderViews): Endpoint<ListOrdersEndpointDeps> => ({
  method: 'get',
  path: ordersPath,
  operationId: 'listOrders',
  summary: 'List your orders',
  description:
    'Your own orders, newest first if nothing else is asked for, page by page: follow the `Link` header while there is ' +
    'one. Its path has all parameters in it. Orders that are placed meanwhile do not move the pages. Where the service ' +
    'is set to the oldest first, a request without `sort`, `limit` and `cursor` gets the newest ' +
    `${maxPageSize} orders, the oldest of them first, and its \`Link\`, with \`rel="prev"\`, leads to older ones.`,
  request: requestBy(views.names),
  responses: [
    ...signedInResponses,
    badRequest({ field: 'limit', message: messageFor('query', 'limit', limit) }),
    pageOf(views),
  ],
  handlers(deps) {
    const limitLists = limitPerUser();
    const listDeps = { ...deps, views, listed: pageOf(views) };
    return [
      requireUser,
      validate(requestBy(views.names)),
      reply(async (req, res) => {
        const result = await limitLists(userOf(req).id, res, () => list(listDeps, req));
        return result === 'overloaded' ? overloadedReply() : result;
      }),
    ];
  },
});

interface ListDeps extends ListOrdersEndpointDeps {
  views: OrderViews;
  listed: ReturnType<typeof pageOf>;
}

async function list(deps: ListDeps, req: Request): Promise<Reply> {
  const { views, listed } = deps;
  const { status, ...wanted } = validated<ReturnType<typeof requestBy>>(req);
  const statuses = status === undefined ? undefined : statusesNamed(views.names, status);
  const outcome = await listOrders(deps, { userId: userOf(req).id, statuses, ...wanted });
  const now = deps.clock();
  return respond(listed, {
    headers: linkTo(outcome, { status, sort: wanted.sort }),
    body: outcome.orders.map((order) => views.listedOrderView(order, now)),
  });
}

function linkTo(
  outcome: ListOrdersOutcome,
  given: { status: string | undefined; sort: ListSort | undefined },
): Record<string, string> {
  if (outcome.kind === 'last_page') return {};
  const { sort, rel, limit, cursor } = outcome;
  // One that `LIST_SORT` has set is in the Link, too: a replica that is set otherwise goes on with the same list.
  const isDefault = given.sort === undefined && sort === listSorts[0];
  const query = new URLSearchParams({
    ...(given.status && { status: given.status }),
    ...(!isDefault && { sort }),
    ...(rel === 'prev' && { page: rel }),
    limit: String(limit),
    cursor,
  });
  return { [linkHeader.name]: `<${ordersPath}?${query}>; rel="${rel}"` };
}
