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
  /** The first event does not leave before this time; absent when it need not wait. */
  notBefore?: Date | undefined;
  /** The `sender` that the write stored in its event; absent when the write created the order. */
  writeId?: string;
}

/** How a write into an outbox takes its lease, and how it notifies the relay. */
export interface OutboxNotifier {
  /**
   * What a new order stores as `relayDueAt`: until then only the writing process sends its outbox. The current time
   * when this process cannot send: a sweep does it.
   */
  leaseExpiresAt(): Date;
  /** The same for a change of a stored order, whose outbox another process may be sending. */
  leaseUpdate(): LeaseUpdate;
  /** Called with the outbox as read after a write, also when that write may not have changed it. */
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
