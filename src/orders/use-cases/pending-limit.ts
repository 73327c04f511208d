import type { Clock } from '../../platform/time/clock.ts';
import { isOverdue } from '../domain/order.ts';
import type { ChangeContext } from '../domain/order-change.ts';
import type { OrderStore } from '../store/order-store.ts';
import type { PendingOrder } from '../store/purchase-store.ts';
import { expireInTheWay } from './take-over.ts';

export type SlotDecision =
  /** Any slot will do when there is no limit. */
  | { kind: 'free'; slot?: number }
  | { kind: 'none_free'; availableAt: Date }
  /** Orders past their time were in the way and have expired: look again. */
  | { kind: 'made_room' }
  /** Orders past their time are in the way, and none of them can be ended. */
  | { kind: 'stuck' };

/**
 * Finds a slot for a new order of a user who may have `limit` pending ones. A unique index decides whether the
 * order gets it; a random one of the free slots keeps purchases at the same moment out of each other's way.
 */
export async function findPendingSlot(
  { orders, clock }: { orders: Pick<OrderStore, 'apply'>; clock: Clock },
  pending: readonly PendingOrder[],
  limit: number,
  occasion: Omit<ChangeContext, 'now'>,
): Promise<SlotDecision> {
  if (limit === 0) return { kind: 'free' };
  const free = freeSlots(pending, limit);
  const slot = free[Math.floor(Math.random() * free.length)];
  if (slot !== undefined) return { kind: 'free', slot };

  const now = clock();
  const overdue = pending.filter((order) => isOverdue(order, now));
  const ended = await Promise.all(
    overdue.map((order) => expireInTheWay(orders, order, 'expiry', { now, ...occasion })),
  );
  if (ended.includes(true)) return { kind: 'made_room' };

  const ends = pending
    .filter((order) => !overdue.includes(order))
    .map(({ expiresAt }) => expiresAt.getTime());
  return ends.length > 0
    ? { kind: 'none_free', availableAt: new Date(Math.min(...ends)) }
    : { kind: 'stuck' };
}

/**
 * The slots, of those from 0 to `limit - 1`, that a new order may take beside these pending ones. An order that
 * has none of them, since it was placed without a limit or under a higher one, counts too: the highest free slot
 * stays closed for each. So the limit holds for everything placed since it is in force (docs/decisions/0008).
 */
export function freeSlots(pending: readonly Pick<PendingOrder, 'pendingSlot'>[], limit: number): number[] {
  const taken = new Set(pending.map(({ pendingSlot }) => pendingSlot));
  const free = Array.from({ length: limit }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  return free.slice(0, Math.max(0, limit - pending.length));
}
