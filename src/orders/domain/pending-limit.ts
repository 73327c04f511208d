import { isOverdue } from './order.ts';
import type { PendingOrder } from './purchase.ts';

export type SlotDecision =
  /** Any of these slots will do; none is needed when there is no limit. */
  | { kind: 'free'; slots: number[] }
  | {
      kind: 'none_free';
      /** Those of the pending orders that are past their time. */
      overdue: PendingOrder[];
      /** When the first of the others ends. */
      availableAt?: Date;
    };

/** Which slots a new order may take of a user who may have `limit` pending orders; 0 is no limit. */
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
 * The slots, of those from 0 to `limit - 1`, that a new order may take beside these pending ones. An order that
 * has none of them, since it was placed without a limit or under a higher one, counts too: the highest free slot
 * stays closed for each. So the limit holds for everything placed since it is in force (docs/decisions/0008).
 */
export function freeSlots(pending: readonly Pick<PendingOrder, 'pendingSlot'>[], limit: number): number[] {
  const taken = new Set(pending.map(({ pendingSlot }) => pendingSlot));
  const free = Array.from({ length: limit }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  return free.slice(0, Math.max(0, limit - pending.length));
}
