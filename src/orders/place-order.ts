import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import type { Clock } from '../time/clock.ts';
import { decideAnew } from './attempts.ts';
import { isOverdue, type Order } from './order.ts';
import { expired, placed } from './order-change.ts';
import type { OrderStore } from './order-store.ts';
import { findPendingSlot } from './pending-limit.ts';
import type { Idempotency, KeyedOrder, PurchaseView } from './purchase-store.ts';

export interface PlaceOrderParts {
  orders: OrderStore;
  clock: Clock;
  /** How long an order holds its ticket, in milliseconds. */
  holdMs: number;
  /** How many orders of one user may be pending at a time; absent or 0 for no limit. */
  maxPending?: number;
  /** Told of every new order; not of a replay. */
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
  /** A new order, or the one that was placed before with the same key. */
  | { kind: 'placed'; order: Order }
  | { kind: 'ticket_not_found' }
  | { kind: 'ticket_reserved'; availableAt: Date; holder: Order }
  | { kind: 'ticket_sold'; holder: Order }
  | { kind: 'key_reused' }
  /** The user has as many pending orders as are allowed; the first of them ends at `availableAt`. */
  | { kind: 'too_many_pending'; limit: number; availableAt: Date }
  | { kind: 'contended' };

/**
 * Places an order, which holds the ticket from the very write that stores it. That at most one order of a ticket
 * does so is decided by a unique index; the look before only spares a write that would be refused.
 */
export async function placeOrder(
  parts: PlaceOrderParts,
  request: PlaceOrderRequest,
): Promise<PlaceOrderOutcome> {
  const orderId = new mongoose.Types.ObjectId().toHexString();
  const idempotency = idempotencyOf(request);
  const limit = parts.maxPending ?? 0;

  const outcome = await decideAnew<PlaceOrderOutcome>(async (round) => {
    const view = await parts.orders.viewForPurchase({
      ticketId: request.ticketId,
      userId: request.userId,
      key: idempotency?.key,
      // A refused insert may have met itself: a write that timed out and was repeated by the driver.
      orderId: round > 0 ? orderId : undefined,
      pending: limit,
    });
    if (!view) return withoutTicket(parts, request.userId, idempotency);
    const decided = decide(view, parts.clock(), idempotency);
    if (decided) return decided;

    const place = await findPendingSlot(parts, view.pending, limit, correlation(request));
    if (place.kind === 'made_room') return undefined;
    if (place.kind === 'none_free')
      return { kind: 'too_many_pending', limit, availableAt: place.availableAt };

    if (view.holder) await takeOver(parts, view.holder, request);
    const occasion = { now: parts.clock(), ...correlation(request) };
    const purchase = { id: orderId, userId: request.userId, ticket: view.ticket, holdMs: parts.holdMs };
    const { order, event } = placed(purchase, occasion);
    const written = await parts.orders.insert(order, event, { idempotency, pendingSlot: place.slot });
    return written === 'written' ? { kind: 'placed', order } : undefined;
  });
  if (outcome.kind !== 'placed') parts.onRefused?.(outcome.kind);
  // The order of a replay has another id.
  else if (outcome.order.id === orderId) parts.onPlaced?.();
  return outcome;
}

/** Ends a hold that is past its time. Whoever else has changed that order meanwhile, the insert finds out. */
async function takeOver(parts: PlaceOrderParts, holder: Order, request: PlaceOrderRequest): Promise<void> {
  const occasion = { now: parts.clock(), ...correlation(request) };
  await parts.orders.apply(expired(holder, 'takeover', occasion));
}

/** What needs no write, in the order in which a refused insert is to be explained (docs/decisions/0008). */
function decide(view: PurchaseView, now: Date, idempotency?: Idempotency): PlaceOrderOutcome | undefined {
  const { own, keyed, holder } = view;
  if (own) return { kind: 'placed', order: own };
  if (keyed) return outcomeOfKey(keyed, idempotency);
  if (!holder || isOverdue(holder, now)) return undefined;
  return holder.status === 'paid'
    ? { kind: 'ticket_sold', holder }
    : { kind: 'ticket_reserved', availableAt: holder.expiresAt, holder };
}

function outcomeOfKey(keyed: KeyedOrder, idempotency?: Idempotency): PlaceOrderOutcome {
  const same = keyed.fingerprint === idempotency?.fingerprint;
  return same ? { kind: 'placed', order: keyed } : { kind: 'key_reused' };
}

/** The key may have been used, for another ticket or for this one when its copy was there; that is told first. */
async function withoutTicket(
  { orders }: PlaceOrderParts,
  userId: string,
  idempotency?: Idempotency,
): Promise<PlaceOrderOutcome> {
  const keyed = idempotency && (await orders.findByKey(userId, idempotency.key));
  return keyed ? outcomeOfKey(keyed, idempotency) : { kind: 'ticket_not_found' };
}

/** Two requests with the same key are the same purchase if they ask for the same ticket. */
function idempotencyOf({ idempotencyKey, ticketId }: PlaceOrderRequest): Idempotency | undefined {
  if (idempotencyKey === undefined) return undefined;
  const payload = JSON.stringify({ ticketId: ticketId.toLowerCase() });
  return { key: idempotencyKey, fingerprint: createHash('sha256').update(payload).digest('hex') };
}

function correlation({ correlationId }: PlaceOrderRequest) {
  return correlationId === undefined ? {} : { correlationId };
}
