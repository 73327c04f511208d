import type { Clock } from '../platform/time/clock.ts';
import type { OutboxEvent } from './outbox-event.ts';
import { dueOnWrite, type LeaseUpdate } from './outbox-lease.ts';

/** An outbox as it was right after a write into it. */
export interface WrittenOutbox {
  orderId: string;
  /** Oldest event first. */
  events: OutboxEvent[];
  /** The order's `relayDueAt`, as it was stored then. */
  leaseExpiresAt: Date | undefined;
  /** What the write has stored as its event's `sender`; absent when the write has created the order. */
  writeMark?: string;
}

/** How a write into an outbox takes its lease, and how the relay gets to know of the write. */
export interface OutboxNotifier {
  /**
   * What a new order stores as `relayDueAt`: until then only the writing process sends its outbox. The present, when
   * this process cannot send: a sweep does.
   */
  leaseExpiresAt(): Date;
  /** The same for a change of a stored order, whose outbox another process may be sending. */
  leaseUpdate(): LeaseUpdate;
  /** Called after the write, also when it is not certain that the write was this one. */
  notify(written: WrittenOutbox): void;
}

/** For a process without a relay: what it writes is due at once, and the services' sweep sends it. */
export function leaveToSweep(clock: Clock): OutboxNotifier {
  return {
    leaseExpiresAt: clock,
    leaseUpdate: () => dueOnWrite(clock()),
    notify: () => undefined,
  };
}
