import type { Order } from './order.ts';
import type { EarlierOrder } from './purchase.ts';

/** How soon after placing its order a cancel may be a slip, in milliseconds. */
const slipWithinMs = 10_000;

/**
 * How many of the caller's newest orders of a ticket are read. One user holds a ticket once at a time and two releases that
 * count are a cooldown apart, so more than the newest few matter only after as many releases that do not count.
 */
export const maxEarlierOrders = 10;

interface Release {
  /** In milliseconds, as `Date` has them. */
  endedAt: number;
  /** Whether the buyer cancelled right after placing the order. */
  isQuickCancel: boolean;
}

/**
 * Until when the buyer of these orders, which are of one ticket, cannot hold it again; undefined when they can. It counts from
 * the end of the last hold that they let go or let run out. Not counted: what an operator or a refund has ended, an order that
 * any payment came for, and a quick cancel, unless another one came less than a cooldown before it (docs/decisions/0071).
 */
export function cooldownEnd(
  orders: readonly EarlierOrder[],
  cooldownMs: number,
  now: Date,
): Date | undefined {
  const releases = orders
    .flatMap((order) => releaseOf(order) ?? [])
    .toSorted((one, other) => one.endedAt - other.endedAt);
  const quick = releases.filter(({ isQuickCancel }) => isQuickCancel);
  const isForgiven = (release: Release) => {
    const before = quick[quick.indexOf(release) - 1];
    return release.isQuickCancel && (!before || before.endedAt + cooldownMs <= release.endedAt);
  };
  const last = releases.findLast((release) => !isForgiven(release));
  if (!last || last.endedAt + cooldownMs <= now.getTime()) return undefined;
  return new Date(last.endedAt + cooldownMs);
}

/** How the buyer lost the ticket by their own doing; undefined for an order that holds it, or that does not count. */
function releaseOf({ history, payments, createdAt, expiresAt }: Order): Release | undefined {
  const change = history.at(-1);
  if (!change || payments.length > 0) return undefined;
  const isCancel = change.status === 'cancelled' && change.cause === 'buyer';
  if (!isCancel && change.status !== 'expired') return undefined;
  // A hold ends at `expiresAt`, however late that is written.
  const endedAt = Math.min(change.at.getTime(), expiresAt.getTime());
  return { endedAt, isQuickCancel: isCancel && endedAt - createdAt.getTime() <= slipWithinMs };
}

/**
 * Whether the read of these orders and the read of the ticket's holder saw the caller's own order in different states: it has
 * changed in between, so each of the two may have missed what the purchase depends on.
 */
export function haveReadsDiverged(
  orders: readonly EarlierOrder[],
  holdingOrder: Pick<Order, 'id'> | undefined,
): boolean {
  return orders.some(({ id, isHolding }) => isHolding !== (id === holdingOrder?.id));
}
