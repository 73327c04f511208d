import { isOverdue } from './order.ts';
import type { PendingOrder } from './purchase.ts';

export type SlotDecision =
  /** The free slots; empty when there is no limit. */
  | { kind: 'free'; slots: number[] }
  | {
      kind: 'none_free';
      /** The pending orders that are overdue. */
      overdue: PendingOrder[];
      /** When the first of the other pending orders expires. */
      availableAt?: Date;
    };

/** Decides which slots a new order may take, for a user who may have `limit` pending orders; 0 is no limit. */
export function decideSlots(pending: readonly PendingOrder[], limit: number, now: Date): SlotDecision {
  if (limit === 0) return { kind: 'free', slots: [] };
  const slots = freeSlots(pending, limit);
  if (slots.length > 0) return { kind: 'free', slots };
  const overdue = pending.filter((order) => isOverdue(order, now));
  const ends = pending
    .filter((order) => !overdue.includes(order))
    .map(({ expiresAt }) => expiresAt.getTime());
  if (ends.length === 0) return { kind: 'none_free', overdue };
  return { kind: 'none_free', overdue, availableAt: new Date(Math.min(...ends)) };
}

/**
 * The slots from 0 to `limit - 1` that a new order may take. A pending order that was placed without a limit, or under a
 * higher one, may have none of these slots. It counts too: one free slot less, from the highest down
 * (docs/decisions/0008).
 */
export function freeSlots(pending: readonly Pick<PendingOrder, 'pendingSlot'>[], limit: number): number[] {
  const taken = new Set(pending.map(({ pendingSlot }) => pendingSlot));
  const free = Array.from({ length: limit }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  return free.slice(0, Math.max(0, limit - pending.length));
}
