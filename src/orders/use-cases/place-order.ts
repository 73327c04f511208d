import type { Clock } from '../../platform/time/clock.ts';
import { isOverdue, type Order } from '../domain/order.ts';
import { placed } from '../domain/order-change.ts';
import { type Idempotency, idempotencyOf, orderIdFor } from '../store/idempotency.ts';
import type { OrderStore } from '../store/order-store.ts';
import type { StoredOrder } from '../store/purchase-store.ts';
import { findPendingSlot } from './pending-limit.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { expireInTheWay } from './take-over.ts';

export interface PlaceOrderDeps {
  orders: OrderStore;
  clock: Clock;
  /** How long an order holds its ticket, in milliseconds. */
  holdMs: number;
  /** How many orders of one user may be pending at a time; absent or 0 for no limit. */
  maxPending?: number;
  /** Told of every new order; not of a replay, nor of an order with a key whose write the driver had to repeat. */
  onPlaced?: () => void;
  /** Told of every purchase that was refused. */
  onRefused?: (reason: Exclude<PlaceOrderOutcome['kind'], 'placed'>) => void;
}

export interface PlaceOrderRequest {
  userId: string;
  ticketId: string;
  idempotencyKey?: string | undefined;
  correlationId?: string;
}

export type PlaceOrderOutcome =
  /** A new order, or (`replay`) the one that was placed before with the same key. */
  | { kind: 'placed'; order: Order; replay: boolean }
  | { kind: 'ticket_not_found' }
  | { kind: 'ticket_reserved'; availableAt: Date; holder: Order }
  | { kind: 'ticket_sold'; holder: Order }
  | { kind: 'key_reused' }
  /** The user has as many pending orders as are allowed; the first of them ends at `availableAt`. */
  | { kind: 'too_many_pending'; limit: number; availableAt: Date }
  /** Others were faster again and again, or what is in the way cannot be ended, or nobody knows when it ends. */
  | { kind: 'contended' };

interface IdentifiedRequest extends PlaceOrderRequest {
  orderId: string;
  idempotency: Idempotency | undefined;
}

/**
 * Places an order, which holds the ticket from the very write that stores it. That at most one order of a ticket
 * does so, and that a key makes one order, is decided by unique indexes; the look before only spares a write that
 * would be refused.
 */
export async function placeOrder(
  parts: PlaceOrderDeps,
  request: PlaceOrderRequest,
): Promise<PlaceOrderOutcome> {
  const { userId, ticketId, idempotencyKey: key } = request;
  const idempotency = idempotencyOf(key, ticketId);
  const identified = { ...request, orderId: orderIdFor({ userId, key }), idempotency };
  const outcome = await retryOnConflict((round) => lookAndWrite(parts, identified, round));
  if (outcome.kind !== 'placed') parts.onRefused?.(outcome.kind);
  else if (!outcome.replay) parts.onPlaced?.();
  return outcome;
}

/** What is found is told in the order in which a refused insert is to be explained (docs/decisions/0008). */
async function lookAndWrite(
  parts: PlaceOrderDeps,
  request: IdentifiedRequest,
  round: number,
): Promise<PlaceOrderOutcome | undefined> {
  const { orderId, userId, ticketId, idempotency } = request;
  const limit = parts.maxPending ?? 0;
  const { own, ticket, holder, pending } = await parts.orders.loadPurchaseContext({
    ticketId,
    userId,
    // A new id is stored already only if a refused insert has met itself: a write that the driver repeated.
    orderId: idempotency || round > 0 ? orderId : undefined,
    pending: limit,
  });
  if (own) return outcomeOfOwn(own, request);
  if (!ticket) return { kind: 'ticket_not_found' };
  if (holder && !isOverdue(holder, parts.clock())) return outcomeOfHeld(holder);

  const place = await findPendingSlot(parts, pending, limit, correlation(request));
  if (place.kind === 'made_room') return undefined;
  if (place.kind === 'stuck') return { kind: 'contended' };
  if (place.kind === 'none_free') return { kind: 'too_many_pending', limit, availableAt: place.availableAt };

  const occasion = { now: parts.clock(), ...correlation(request) };
  // Whether somebody else has the ticket by then, the insert finds out.
  if (holder && !(await expireInTheWay(parts.orders, holder, 'takeover', occasion)))
    return { kind: 'contended' };
  const { order, event } = placed({ id: orderId, userId, ticket, holdMs: parts.holdMs }, occasion);
  const written = await parts.orders.insert(order, event, { idempotency, pendingSlot: place.slot });
  return written === 'written' ? { kind: 'placed', order, replay: false } : undefined;
}

/** The order with this purchase's id: what it asks for, unless its key was used for another ticket or its user erased. */
function outcomeOfOwn(own: StoredOrder, { userId, idempotency }: IdentifiedRequest): PlaceOrderOutcome {
  const same = own.userId === userId && own.fingerprint === idempotency?.fingerprint;
  return same ? { kind: 'placed', order: own, replay: idempotency !== undefined } : { kind: 'key_reused' };
}

function outcomeOfHeld(holder: Order): PlaceOrderOutcome {
  if (holder.status === 'paid') return { kind: 'ticket_sold', holder };
  // A repair by hand may have left what is no time, and nobody can say when the hold ends. The audit names the order.
  if (!(holder.expiresAt instanceof Date)) return { kind: 'contended' };
  return { kind: 'ticket_reserved', availableAt: holder.expiresAt, holder };
}

function correlation({ correlationId }: PlaceOrderRequest) {
  return correlationId === undefined ? {} : { correlationId };
}
