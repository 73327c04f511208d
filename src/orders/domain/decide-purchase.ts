import type { Ticket } from '../../tickets/domain/ticket.ts';
import { cooldownEnd, haveReadsDiverged } from './cooldown.ts';
import { decideKeptHold, type KeptHold } from './kept-hold.ts';
import { isOverdue, type Order } from './order.ts';
import { decideSlots } from './pending-limit.ts';
import type { FingerprintedOrder, PurchaseContext } from './purchase.ts';

/** `holdingOrder` is absent when the order has let the ticket go, but keeps its hold for a while (kept-hold.ts). */
interface ReservedTicket {
  kind: 'ticket_reserved';
  availableAt: Date;
  holdingOrder?: Order;
}

interface Cooldown {
  kind: 'cooldown';
  availableAt: Date;
}

/** Why a purchase is refused. */
export type PurchaseRefusal =
  | { kind: 'ticket_not_found' }
  | ReservedTicket
  | { kind: 'ticket_sold'; holdingOrder: Order }
  /** The user let this ticket go, or let it run out, and can hold it again at `availableAt` (cooldown.ts). */
  | Cooldown
  /** The key was used for another purchase. */
  | { kind: 'key_mismatch' }
  /** The user has as many pending orders as are allowed; the first of them ends at `availableAt`. */
  | { kind: 'too_many_pending'; limit: number; availableAt: Date }
  /** Others were faster several times, or the order that holds the ticket or a slot cannot be expired or has no valid end. */
  | { kind: 'conflict' };

export type PurchaseDecision =
  | PurchaseRefusal
  /** The order is placed already: `replay` when a key has named it. */
  | { kind: 'placed'; order: Order; replay: boolean }
  /** The caller's order has changed between two reads, or their earlier orders were left out and count. */
  | { kind: 'read_again' }
  /**
   * Overdue orders of the user expire first: they take the user's slots, or one holds this ticket and may count for the
   * cooldown. If none can expire, the purchase is refused with `refusal`.
   */
  | { kind: 'expire_overdue'; overdue: Order[]; refusal: PurchaseRefusal }
  /** The end of the kept hold is to be stored; the purchase is refused with `refusal`, which has it. */
  | { kind: 'store_kept_until'; keptHold: KeptHold; refusal: ReservedTicket }
  /**
   * Place a new order, in one of the slots. Before that `takeOverFrom`, the overdue order that holds the ticket, expires, and
   * `keptHold`, which is over, ends: one of them at most.
   */
  | {
      kind: 'place';
      ticket: Ticket;
      takeOverFrom: Order | undefined;
      keptHold: KeptHold | undefined;
      slots: number[];
    };

/** The conditions of a purchase that are not stored data. */
export interface PurchaseTerms {
  userId: string;
  /** Of the purchase; undefined when it has no key. */
  fingerprint: string | undefined;
  /** How many orders of the user may be pending; 0 is no limit. */
  maxPending: number;
  /** How long after its `order:cancelled` a ticket is free again, in milliseconds; 0 is at once. */
  eventSpacingMs: number;
  /** How long who has let a ticket go cannot hold it again, in milliseconds; 0 is no time. */
  cooldownMs: number;
}

/**
 * Decides on a purchase. The order of the checks also decides how a refused write is explained (docs/decisions/0008).
 */
export function decidePurchase(terms: PurchaseTerms, context: PurchaseContext, now: Date): PurchaseDecision {
  const { ownOrder, ticket, holdingOrder, earlierOrders = [] } = context;
  if (ownOrder) return decideOwn(terms, ownOrder);
  if (!ticket) return { kind: 'ticket_not_found' };
  if (haveReadsDiverged(earlierOrders, holdingOrder)) return { kind: 'read_again' };
  if (holdingOrder && !isOverdue(holdingOrder, now)) return refuseHeld(holdingOrder);
  if (terms.cooldownMs > 0 && holdingOrder?.userId === terms.userId)
    return { kind: 'expire_overdue', overdue: [holdingOrder], refusal: { kind: 'conflict' } };
  if (terms.cooldownMs > 0 && !context.earlierOrders) return { kind: 'read_again' };
  return refuseReleased(terms, context, now) ?? decidePlace(terms, { ...context, ticket }, now);
}

/** Only the pending limit can refuse the order now. */
function decidePlace(
  { maxPending: limit }: PurchaseTerms,
  { ticket, holdingOrder, keptHold, pending }: PurchaseContext & { ticket: Ticket },
  now: Date,
): PurchaseDecision {
  const decision = decideSlots(pending, limit, now);
  if (decision.kind === 'free')
    return { kind: 'place', ticket, takeOverFrom: holdingOrder, keptHold, slots: decision.slots };
  const { overdue, availableAt } = decision;
  const refusal: PurchaseRefusal = availableAt
    ? { kind: 'too_many_pending', limit, availableAt }
    : { kind: 'conflict' };
  return overdue.length > 0 ? { kind: 'expire_overdue', overdue, refusal } : refusal;
}

/** The order with this purchase's id is the outcome, unless its key was used for another ticket or its user was erased. */
function decideOwn({ userId, fingerprint }: PurchaseTerms, order: FingerprintedOrder): PurchaseDecision {
  const isSame = order.userId === userId && order.fingerprint === fingerprint;
  return isSame ? { kind: 'placed', order, replay: fingerprint !== undefined } : { kind: 'key_mismatch' };
}

function refuseHeld(holdingOrder: Order): PurchaseRefusal {
  if (holdingOrder.status === 'paid') return { kind: 'ticket_sold', holdingOrder };
  // After a manual repair this may not be a date, so the end of the hold is unknown. The audit reports the order.
  if (!(holdingOrder.expiresAt instanceof Date)) return { kind: 'conflict' };
  return { kind: 'ticket_reserved', availableAt: holdingOrder.expiresAt, holdingOrder };
}

/** Refuses a ticket that an order keeps after letting it go, or that the user let go. Undefined when neither is so. */
function refuseReleased(
  { eventSpacingMs, cooldownMs }: PurchaseTerms,
  { keptHold, earlierOrders = [] }: PurchaseContext,
  now: Date,
): PurchaseDecision | undefined {
  const kept = keptHold && refuseKept(keptHold, eventSpacingMs, now);
  const isOwn = earlierOrders.some(({ id }) => id === keptHold?.orderId);
  if (kept && !isOwn) return kept;
  const availableAt = cooldownEnd(earlierOrders, cooldownMs, now);
  // A kept hold of one's own is over within minutes: who waits for its end only would be refused again then.
  return availableAt ? { kind: 'cooldown', availableAt } : kept;
}

/** Returns undefined when the hold no longer counts. */
function refuseKept(keptHold: KeptHold, eventSpacingMs: number, now: Date): PurchaseDecision | undefined {
  const decision = decideKeptHold(keptHold, eventSpacingMs, now);
  if (decision.kind === 'over') return undefined;
  const refusal: ReservedTicket = { kind: 'ticket_reserved', availableAt: decision.availableAt };
  return decision.kind === 'counts' ? refusal : { kind: 'store_kept_until', keptHold, refusal };
}
