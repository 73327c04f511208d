import type { Clock } from '../platform/time/clock.ts';
import type { OutboxEvent } from './outbox-event.ts';

/** An outbox as it was right after a write into it. */
export interface WrittenOutbox {
  orderId: string;
  /** Oldest event first. */
  events: OutboxEvent[];
  /** The order's `relayDueAt`, as it was stored then. */
  leaseExpiresAt: Date | undefined;
  /** The mark that the write has put on its event; absent when it has made the order. */
  sender?: string;
}

/** How a change of a stored order enters its lease. Neither form shortens the lease of a process that is sending. */
export type LeaseUpdate = { $min: { relayDueAt: Date } } | { $max: { relayDueAt: Date } };

/** What a write into an outbox owes to the relay. */
export interface OutboxNotifier {
  /**
   * What a new order stores as `relayDueAt`: until then the writing process keeps the outbox to itself. The present,
   * when it cannot send: a sweep does.
   */
  leaseExpiresAt(): Date;
  /** The same for a change of an order, whose outbox another process may be sending. */
  leaseUpdate(): LeaseUpdate;
  /** The write is done. Also called when it is not certain that it was this one. */
  notify(written: WrittenOutbox): void;
}

/** For a process without a relay: what it writes is due at once, and the services' sweep sends it. */
export function leaveToSweep(clock: Clock): OutboxNotifier {
  return {
    leaseExpiresAt: clock,
    leaseUpdate: () => ({ $max: { relayDueAt: clock() } }),
    notify: () => undefined,
  };
}
