import type { Ticket } from '../../tickets/domain/ticket.ts';
import { decideKeptHold, type KeptHold } from './kept-hold.ts';
import { isOverdue, type Order } from './order.ts';
import { decideSlots } from './pending-limit.ts';
import type { FingerprintedOrder, PendingOrder, PurchaseContext } from './purchase.ts';

/** `holdingOrder` is absent when the order has let the ticket go, but keeps its hold for a while (kept-hold.ts). */
interface ReservedTicket {
  kind: 'ticket_reserved';
  availableAt: Date;
  holdingOrder?: Order;
}

/** Why a purchase is refused. */
export type PurchaseRefusal =
  | { kind: 'ticket_not_found' }
  | ReservedTicket
  | { kind: 'ticket_sold'; holdingOrder: Order }
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
  /** Overdue orders take the user's slots: they expire first. If none can expire, the purchase is refused with `refusal`. */
  | { kind: 'free_slots'; overdue: PendingOrder[]; refusal: PurchaseRefusal }
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
}

/**
 * Decides on a purchase. The order of the checks also decides how a refused write is explained (docs/decisions/0008).
 */
export function decidePurchase(
  terms: PurchaseTerms,
  { ownOrder, ticket, holdingOrder, keptHold, pending }: PurchaseContext,
  now: Date,
): PurchaseDecision {
  if (ownOrder) return decideOwn(terms, ownOrder);
  if (!ticket) return { kind: 'ticket_not_found' };
  if (holdingOrder && !isOverdue(holdingOrder, now)) return refuseHeld(holdingOrder);
  const kept = keptHold && refuseKept(keptHold, terms.eventSpacingMs, now);
  if (kept) return kept;

  const { maxPending: limit } = terms;
  const decision = decideSlots(pending, limit, now);
  if (decision.kind === 'free')
    return { kind: 'place', ticket, takeOverFrom: holdingOrder, keptHold, slots: decision.slots };
  const { overdue, availableAt } = decision;
  const refusal: PurchaseRefusal = availableAt
    ? { kind: 'too_many_pending', limit, availableAt }
    : { kind: 'conflict' };
  return overdue.length > 0 ? { kind: 'free_slots', overdue, refusal } : refusal;
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

/** Returns undefined when the hold no longer counts. */
function refuseKept(keptHold: KeptHold, eventSpacingMs: number, now: Date): PurchaseDecision | undefined {
  const decision = decideKeptHold(keptHold, eventSpacingMs, now);
  if (decision.kind === 'over') return undefined;
  const refusal: ReservedTicket = { kind: 'ticket_reserved', availableAt: decision.availableAt };
  return decision.kind === 'counts' ? refusal : { kind: 'store_kept_until', keptHold, refusal };
}
