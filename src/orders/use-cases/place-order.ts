import type { Clock } from '../../platform/time/clock.ts';
import type { ChangeContext } from '../domain/change-context.ts';
import { decidePurchase, type PurchaseDecision, type PurchaseRefusal } from '../domain/decide-purchase.ts';
import type { Order } from '../domain/order.ts';
import type { PurchaseRequest } from '../domain/purchase.ts';
import * as transitions from '../domain/transitions.ts';
import { type IdentifiedPurchase, identifyPurchase } from '../store/idempotency.ts';
import type { OrderStore } from '../store/order-store.ts';
import type { PurchaseQuery } from '../store/purchase-context-store.ts';
import { changeContext } from './change-context.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { takeOver } from './take-over.ts';

export interface PlaceOrderDeps {
  orders: OrderStore;
  clock: Clock;
  /** How long an order holds its ticket, in milliseconds. */
  holdMs: number;
  /** How many orders of one user may be pending at a time; absent or 0 for no limit. */
  maxPending?: number;
  /** Called with every new order; not with a replay, nor an order with a key whose write the driver had to repeat. */
  onPlaced?: () => void;
  /** Called with every purchase that was refused. */
  onRefused?: (reason: PurchaseRefusal['kind']) => void;
}

export type PlaceOrderOutcome =
  /** A new order, or (`replay`) the one that was placed before with the same key. */
  { kind: 'placed'; order: Order; replay: boolean } | PurchaseRefusal;

/**
 * Places an order, which holds the ticket from the very write that stores it. That at most one order of a ticket
 * does so, and that a key makes one order, is decided by unique indexes; the read before only spares a write that
 * would be refused.
 */
export async function placeOrder(deps: PlaceOrderDeps, request: PurchaseRequest): Promise<PlaceOrderOutcome> {
  const { orders, clock, maxPending = 0 } = deps;
  const purchase = identifyPurchase(request);
  const terms = { userId: purchase.userId, fingerprint: purchase.idempotency?.fingerprint, maxPending };
  let query = firstQuery(purchase, maxPending);
  const outcome = await retryOnConflict(async () => {
    const stored = await orders.loadPurchaseContext(query);
    query = queryAfterConflict(purchase, maxPending);
    const context = changeContext(clock);
    const decision = decidePurchase(terms, stored, context.now);
    return carryOut(deps, purchase, decision, context);
  });
  report(deps, outcome);
  return outcome;
}

/** A new id cannot be stored yet, so its order is not read. */
function firstQuery(purchase: IdentifiedPurchase, maxPending: number): PurchaseQuery {
  const query = queryAfterConflict(purchase, maxPending);
  return purchase.idempotency ? query : { ...query, orderId: undefined };
}

/** A refused write may have met itself: the driver repeats a write whose answer was lost. So the order may be stored. */
function queryAfterConflict(
  { userId, ticketId, orderId }: IdentifiedPurchase,
  maxPending: number,
): PurchaseQuery {
  return { userId, ticketId, orderId, maxPending };
}

/** Resolves with the outcome; with `undefined` when the purchase has to be decided again. */
async function carryOut(
  { orders, holdMs }: PlaceOrderDeps,
  { orderId: id, userId, idempotency }: IdentifiedPurchase,
  decision: PurchaseDecision,
  context: ChangeContext,
): Promise<PlaceOrderOutcome | undefined> {
  if (decision.kind === 'free_slots') {
    const expiring = decision.overdue.map((order) => takeOver({ orders, order, cause: 'expiry', context }));
    const hasFreed = (await Promise.all(expiring)).some(({ isDone }) => isDone);
    return hasFreed ? undefined : decision.refusal;
  }
  if (decision.kind !== 'place') return decision;

  const { ticket, takeOverFrom, slots } = decision;
  if (takeOverFrom) {
    const { isDone } = await takeOver({ orders, order: takeOverFrom, cause: 'takeover', context });
    if (!isDone) return { kind: 'conflict' };
  }
  const { order, event } = transitions.place({ id, userId, ticket, holdMs }, context);
  const written = await orders.insert(order, event, { idempotency, pendingSlot: anyOf(slots) });
  return written === 'written' ? { kind: 'placed', order, replay: false } : undefined;
}

/** A random one keeps purchases at the same moment out of each other's way. */
function anyOf(slots: number[]): number | undefined {
  return slots[Math.floor(Math.random() * slots.length)];
}

function report({ onPlaced, onRefused }: PlaceOrderDeps, outcome: PlaceOrderOutcome): void {
  if (outcome.kind !== 'placed') onRefused?.(outcome.kind);
  else if (!outcome.replay) onPlaced?.();
}
