import { isOverdue, type Order } from './order.ts';

/** How far holds can be extended, in milliseconds. */
export interface ExtensionTerms {
  /** How long an extended hold lasts from the time of its extension; 0: no hold is extended. */
  extensionMs: number;
  /** The longest hold, from the order's `createdAt`. */
  holdLimitMs: number;
}

/** So many entries of an order are small beside its history, and nobody presses a button so many times. */
export const maxExtensions = 100;

/** A hold that would gain less is long enough: a click that is repeated, or comes from two tabs, changes nothing. */
const minGainMs = ({ extensionMs }: ExtensionTerms) => Math.min(extensionMs / 10, 10_000);

export type ExtensionDecision =
  | { kind: 'extend'; until: Date }
  /** The hold ends late enough already. */
  | { kind: 'keep' }
  /** The hold cannot be extended any more. */
  | { kind: 'limit_reached' }
  /** The hold has ended, so the order expires. */
  | { kind: 'expire' }
  | { kind: 'final'; status: 'paid' | 'cancelled' | 'expired' };

/**
 * Decides on a buyer's request for more time. The wanted end is `extensionMs` from now, but no later than the limit; it is
 * never earlier than the present one.
 */
export function decideExtension(order: Order, terms: ExtensionTerms, now: Date): ExtensionDecision {
  const { status, createdAt, expiresAt, extensions } = order;
  if (status !== 'pending') return { kind: 'final', status };
  if (isOverdue(order, now)) return { kind: 'expire' };
  const { extensionMs, holdLimitMs } = terms;
  if (extensionMs === 0) return { kind: 'limit_reached' };

  const end = expiresAt.getTime();
  const aimed = now.getTime() + extensionMs;
  const limit = extensions.length < maxExtensions ? createdAt.getTime() + holdLimitMs : end;
  if (end < aimed && end >= limit) return { kind: 'limit_reached' };
  const until = Math.min(aimed, limit);
  return until - end < minGainMs(terms) ? { kind: 'keep' } : { kind: 'extend', until: new Date(until) };
}
