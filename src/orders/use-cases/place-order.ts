import type { Clock } from '../../platform/time/clock.ts';
import type { ChangeContext } from '../domain/change-context.ts';
import { maxEarlierOrders } from '../domain/cooldown.ts';
import { decidePurchase, type PurchaseDecision, type PurchaseRefusal } from '../domain/decide-purchase.ts';
import type { Order } from '../domain/order.ts';
import type { PurchaseRequest } from '../domain/purchase.ts';
import * as transitions from '../domain/transitions.ts';
import { type IdentifiedPurchase, identifyPurchase } from '../store/idempotency.ts';
import type { OrderStore } from '../store/order-store.ts';
import type { PurchaseQuery } from '../store/purchase-context-store.ts';
import { changeContext } from './change-context.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { endKeptHold, takeOver } from './take-over.ts';

export interface PlaceOrderDeps {
  orders: OrderStore;
  clock: Clock;
  /** How long an order holds its ticket, in milliseconds. */
  holdMs: number;
  /** How many orders of one user may be pending at a time; absent or 0 for no limit. */
  maxPending?: number;
  /** How long after its `order:cancelled` a ticket is free again, in milliseconds; absent or 0 is at once. */
  eventSpacingMs?: number;
  /** How long who has let a ticket go cannot hold it again, in milliseconds; absent or 0 is no time. */
  cooldownMs?: () => number;
  /** Called after every new order. Not after a replay, and not when the driver repeated the write of an order with a key. */
  onPlaced?: () => void;
  /** Called with the reason of every refused purchase. */
  onRefused?: (reason: PurchaseRefusal['kind']) => void;
}

export type PlaceOrderOutcome =
  /** A new order, or (`replay`) the one that was placed before with the same key. */
  { kind: 'placed'; order: Order; replay: boolean } | PurchaseRefusal;

/**
 * Places an order. The write that stores it also takes the hold. Unique indexes guarantee that one order at most holds a
 * ticket, and that a key makes one order; the read before only avoids writes that would be refused.
 */
export async function placeOrder(deps: PlaceOrderDeps, request: PurchaseRequest): Promise<PlaceOrderOutcome> {
  const { orders, clock, maxPending = 0, eventSpacingMs = 0 } = deps;
  const purchase = identifyPurchase(request);
  const fingerprint = purchase.idempotency?.fingerprint;
  const cooldownMs = deps.cooldownMs?.() ?? 0;
  const terms = { userId: purchase.userId, fingerprint, maxPending, eventSpacingMs, cooldownMs };
  const limits = { maxPending, ...(cooldownMs > 0 && { maxEarlierOrders }) };
  let query = firstQuery(purchase, limits);
  const outcome = await retryOnConflict(async () => {
    const stored = await orders.loadPurchaseContext(query);
    query = queryAfterConflict(purchase, limits);
    const context = changeContext(clock);
    const decision = decidePurchase(terms, stored, context.now);
    return carryOut(deps, purchase, decision, context);
  });
  report(deps, outcome);
  return outcome;
}

type ReadLimits = Pick<PurchaseQuery, 'maxPending' | 'maxEarlierOrders'>;

/**
 * Without a key the id is new, so no order with it can be stored: it is not read. Of those who want one ticket at the same
 * moment nearly all are refused because of its holder, so their earlier orders are read only when that is not so.
 */
function firstQuery(purchase: IdentifiedPurchase, limits: ReadLimits): PurchaseQuery {
  const query = { ...queryAfterConflict(purchase, limits), mayOmitEarlier: true };
  return purchase.idempotency ? query : { ...query, orderId: undefined };
}

/** The driver repeats a write whose response was lost, and the repetition is refused. So the order may be stored already. */
function queryAfterConflict(
  { userId, ticketId, orderId }: IdentifiedPurchase,
  limits: ReadLimits,
): PurchaseQuery {
  return { userId, ticketId, orderId, ...limits };
}

/** Resolves with the outcome, or with `undefined` when the caller has to decide again. */
async function carryOut(
  { orders, holdMs, eventSpacingMs = 0 }: PlaceOrderDeps,
  { orderId: id, userId, idempotency }: IdentifiedPurchase,
  decision: PurchaseDecision,
  context: ChangeContext,
): Promise<PlaceOrderOutcome | undefined> {
  if (decision.kind === 'read_again') return undefined;
  if (decision.kind === 'expire_overdue') {
    const expiring = decision.overdue.map((order) => takeOver({ orders, order, cause: 'expiry', context }));
    const hasReleased = (await Promise.all(expiring)).some(({ isReleased }) => isReleased);
    return hasReleased ? undefined : decision.refusal;
  }
  if (decision.kind === 'store_kept_until') {
    const { keptHold, refusal } = decision;
    await orders.storeKeptUntil(keptHold, refusal.availableAt);
    return refusal;
  }
  if (decision.kind !== 'place') return decision;

  const { ticket, takeOverFrom, keptHold, slots } = decision;
  if (takeOverFrom) {
    const { isReleased } = await takeOver({ orders, order: takeOverFrom, cause: 'takeover', context });
    if (!isReleased) return { kind: 'conflict' };
    // The order keeps its hold now.
    if (eventSpacingMs > 0) return undefined;
  }
  if (keptHold && !(await endKeptHold(orders, keptHold)).isReleased) return { kind: 'conflict' };
  const { order, event } = transitions.place({ id, userId, ticket, holdMs }, context);
  const outcome = await orders.insert(order, event, { idempotency, pendingSlot: randomSlot(slots) });
  return outcome === 'written' ? { kind: 'placed', order, replay: false } : undefined;
}

/** Random, so that purchases at the same moment rarely take the same slot. */
function randomSlot(slots: number[]): number | undefined {
  return slots[Math.floor(Math.random() * slots.length)];
}

function report({ onPlaced, onRefused }: PlaceOrderDeps, outcome: PlaceOrderOutcome): void {
  if (outcome.kind !== 'placed') onRefused?.(outcome.kind);
  else if (!outcome.replay) onPlaced?.();
}
