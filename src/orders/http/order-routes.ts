import type { Express, Request, RequestHandler } from 'express';
import { jsonBody } from '../../platform/http/json-body.ts';
import { limitPerUser } from '../../platform/http/limit-per-user.ts';
import { overloadedReply } from '../../platform/http/overload.ts';
import { type Reply, reply } from '../../platform/http/reply.ts';
import { requireUser, userOf } from '../../platform/http/session.ts';
import { validate, validated } from '../../platform/http/validation.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { Order } from '../domain/order.ts';
import { writeCursor } from '../domain/order-cursor.ts';
import type { OrderStore } from '../store/order-store.ts';
import { cancelOrder } from '../use-cases/cancel-order.ts';
import { type PlaceOrderDeps, placeOrder } from '../use-cases/place-order.ts';
import { cancelRefusal, notOwner, orderNotFound, placeRefusal } from './order-errors.ts';
import {
  cancelOrderRequest,
  listOrdersRequest,
  maxPageSize,
  oneOrderRequest,
  placeOrderRequest,
} from './order-requests.ts';
import { listedOrderView, orderDetailView, orderView } from './order-view.ts';

export interface OrderRouteDeps extends Pick<PlaceOrderDeps, 'onPlaced' | 'onRefused'> {
  orders: OrderStore;
  clock: Clock;
  /** How long an order holds its ticket, in milliseconds. */
  holdMs: number;
  /** How many orders of one user may be pending at a time; 0 for no limit. */
  maxPending: number;
  /** Limits how often somebody may ask for a purchase; empty without a limit. */
  purchaseLimit: RequestHandler[];
}

const base = '/api/orders';
const one = `${base}/:orderId`;

/** The HTTP side of the orders: requests in, outcomes of the use cases as status codes out. */
export function orderRoutes(parts: OrderRouteDeps): (app: Express) => void {
  const limitLists = limitPerUser();
  return (app) => {
    app.post(
      base,
      // First: what is refused for want of a session counts, too.
      ...parts.purchaseLimit,
      requireUser,
      ...jsonBody,
      validate(placeOrderRequest),
      reply((req) => place(parts, req)),
    );
    app.get(
      base,
      requireUser,
      validate(listOrdersRequest),
      reply(async (req, res) => {
        const outcome = await limitLists(userOf(req).id, res, () => list(parts, req));
        return outcome === 'overloaded' ? overloadedReply() : outcome;
      }),
    );
    app.get(
      one,
      requireUser,
      validate(oneOrderRequest),
      reply((req) => show(parts, req)),
    );
    app.patch(
      one,
      requireUser,
      ...jsonBody,
      validate(cancelOrderRequest),
      reply(async (req) => ({
        status: 200,
        body: orderView(await cancel(parts, req), parts.clock()),
      })),
    );
    app.delete(
      one,
      requireUser,
      validate(oneOrderRequest),
      reply(async (req) => {
        await cancel(parts, req);
        return { status: 204 };
      }),
    );
  };
}

async function place(parts: OrderRouteDeps, req: Request): Promise<Reply> {
  const { ticketId, 'idempotency-key': idempotencyKey } = validated<typeof placeOrderRequest>(req);
  const { id: userId } = userOf(req);
  const outcome = await placeOrder(parts, {
    userId,
    ticketId,
    idempotencyKey,
  });
  if (outcome.kind !== 'placed') throw placeRefusal(outcome, userId, parts.clock());
  return {
    status: 201,
    headers: {
      Location: `${base}/${outcome.order.id}`,
      ...(outcome.replay && { 'Idempotency-Replayed': 'true' }),
    },
    body: orderView(outcome.order, parts.clock()),
  };
}

async function list({ orders, clock }: OrderRouteDeps, req: Request): Promise<Reply> {
  const { status, limit = maxPageSize, cursor: after } = validated<typeof listOrdersRequest>(req);
  // One more than the page holds tells whether there is a next one.
  const found = await orders.list({
    userId: userOf(req).id,
    limit: limit + 1,
    ...(status && { status }),
    ...(after && { after }),
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const now = clock();
  const next = new URLSearchParams({
    ...(status && { status }),
    limit: String(limit),
    ...(last && { cursor: writeCursor(last) }),
  });
  return {
    status: 200,
    headers: found.length > limit ? { Link: `<${base}?${next}>; rel="next"` } : {},
    body: page.map((order) => listedOrderView(order, now)),
  };
}

async function show({ orders, clock }: OrderRouteDeps, req: Request): Promise<Reply> {
  const order = await orders.findById(validated<typeof oneOrderRequest>(req).orderId);
  if (!order) throw orderNotFound();
  if (order.userId !== userOf(req).id) throw notOwner();
  return { status: 200, body: orderDetailView(order, clock()) };
}

async function cancel(parts: OrderRouteDeps, req: Request): Promise<Order> {
  const { orderId } = validated<typeof oneOrderRequest>(req);
  const outcome = await cancelOrder(parts, {
    userId: userOf(req).id,
    orderId,
  });
  if (outcome.kind !== 'cancelled') throw cancelRefusal(outcome);
  return outcome.order;
}
