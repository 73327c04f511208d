import type { OrderStatus } from './order.ts';

/** The statuses of orders that have let their ticket go. */
export const releasedStatuses = ['cancelled', 'expired'] as const;
type ReleasedStatus = (typeof releasedStatuses)[number];

/**
 * The hold of an order that has let its ticket go. With `EVENT_SPACING_SECONDS` the order keeps it until peers have had time
 * to handle its `order:cancelled`, so that no `order:created` of another order overtakes that (docs/decisions/0058). It is
 * known by the document alone, whatever the setting: `holdsTicket` on a cancelled or expired order.
 */
export interface KeptHold {
  orderId: string;
  status: ReleasedStatus;
  version: number;
  /** From when it no longer counts; undefined while that is not stored. */
  until: Date | undefined;
  /** Whether the `order:cancelled` of this version is still in the outbox. */
  isEventPending: boolean;
}

export type KeptHoldDecision =
  /** It no longer counts, and whoever needs the ticket ends it. */
  | { kind: 'over' }
  /** It counts until `availableAt`; while its event is pending that is the earliest time possible. */
  | { kind: 'counts'; availableAt: Date }
  /** A process without this setting has removed its event and stored no time. It counts until `availableAt`, to be stored. */
  | { kind: 'has_no_end'; availableAt: Date };

/** Whether a stored order of this status and hold has let its ticket go and keeps its hold. */
export function isKeptHold(order: { status: OrderStatus; holdsTicket?: true }): boolean {
  return order.holdsTicket === true && releasedStatuses.some((status) => status === order.status);
}

/** Decides whether a kept hold still keeps its ticket from other purchases. Without a spacing none does. */
export function decideKeptHold(
  { until, isEventPending }: KeptHold,
  eventSpacingMs: number,
  now: Date,
): KeptHoldDecision {
  if (eventSpacingMs === 0) return { kind: 'over' };
  if (until) return until <= now ? { kind: 'over' } : { kind: 'counts', availableAt: until };
  const availableAt = new Date(now.getTime() + eventSpacingMs);
  return { kind: isEventPending ? 'counts' : 'has_no_end', availableAt };
}
