import type { Ticket } from '../../tickets/domain/ticket.ts';
import { isOverdue, type Order } from './order.ts';
import { decideSlots } from './pending-limit.ts';
import type { FingerprintedOrder, PendingOrder, PurchaseContext } from './purchase.ts';

/** Why a purchase is refused. */
export type PurchaseRefusal =
  | { kind: 'ticket_not_found' }
  | { kind: 'ticket_reserved'; availableAt: Date; holdingOrder: Order }
  | { kind: 'ticket_sold'; holdingOrder: Order }
  /** The key was used for another purchase. */
  | { kind: 'key_mismatch' }
  /** The user has as many pending orders as are allowed; the first of them ends at `availableAt`. */
  | { kind: 'too_many_pending'; limit: number; availableAt: Date }
  /** Others were faster again and again, or what is in the way cannot be ended, or nobody knows when it ends. */
  | { kind: 'conflict' };

export type PurchaseDecision =
  | PurchaseRefusal
  /** The order is placed already: `replay` when a key has named it. */
  | { kind: 'placed'; order: Order; replay: boolean }
  /** The user's slots are taken by orders past their time: these expire first. Where none can, the refusal holds. */
  | { kind: 'free_slots'; overdue: PendingOrder[]; refusal: PurchaseRefusal }
  /** A new order takes the ticket, from an order past its time where there is one, and one of the slots. */
  | { kind: 'place'; ticket: Ticket; takeOverFrom: Order | undefined; slots: number[] };

/** What a purchase is decided by, beside what is stored. */
export interface PurchaseTerms {
  userId: string;
  /** Of the purchase, where it has a key. */
  fingerprint: string | undefined;
  /** How many orders of the user may be pending; 0 is no limit. */
  maxPending: number;
}

/**
 * What becomes of a purchase. The order of the checks is the one in which a refused write is explained
 * (docs/decisions/0008).
 */
export function decidePurchase(
  terms: PurchaseTerms,
  { ownOrder, ticket, holdingOrder, pending }: PurchaseContext,
  now: Date,
): PurchaseDecision {
  if (ownOrder) return decideOwn(terms, ownOrder);
  if (!ticket) return { kind: 'ticket_not_found' };
  if (holdingOrder && !isOverdue(holdingOrder, now)) return refuseHeld(holdingOrder);

  const { maxPending: limit } = terms;
  const decision = decideSlots(pending, limit, now);
  if (decision.kind === 'free')
    return { kind: 'place', ticket, takeOverFrom: holdingOrder, slots: decision.slots };
  const { overdue, availableAt } = decision;
  const refusal: PurchaseRefusal = availableAt
    ? { kind: 'too_many_pending', limit, availableAt }
    : { kind: 'conflict' };
  return overdue.length > 0 ? { kind: 'free_slots', overdue, refusal } : refusal;
}

/** The order that has this purchase's id is what it asks for, unless its key was for another ticket or its user was erased. */
function decideOwn({ userId, fingerprint }: PurchaseTerms, order: FingerprintedOrder): PurchaseDecision {
  const isSame = order.userId === userId && order.fingerprint === fingerprint;
  return isSame ? { kind: 'placed', order, replay: fingerprint !== undefined } : { kind: 'key_mismatch' };
}

function refuseHeld(holdingOrder: Order): PurchaseRefusal {
  if (holdingOrder.status === 'paid') return { kind: 'ticket_sold', holdingOrder };
  // A repair by hand may have left what is no time, and nobody can say when the hold ends. The audit names the order.
  if (!(holdingOrder.expiresAt instanceof Date)) return { kind: 'conflict' };
  return { kind: 'ticket_reserved', availableAt: holdingOrder.expiresAt, holdingOrder };
}
