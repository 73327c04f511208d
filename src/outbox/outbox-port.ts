import type { OutboxEvent } from './outbox-event.ts';

/** An order's outbox, oldest event first. */
export interface Outbox {
  orderId: string;
  events: OutboxEvent[];
}

/** An outbox whose process releases its lease. From `dueAt` on every process may send it. */
export interface ReleasedOutbox {
  orderId: string;
  /** Its first event. If another event is the first now, another process sends the outbox, and nothing changes. */
  eventId: string;
  dueAt: Date;
}

/** The first event of an order's outbox, which the broker has acknowledged. */
export interface AcknowledgedEvent {
  orderId: string;
  event: OutboxEvent;
  /** Whether no event is known to be behind it. */
  isLast: boolean;
  /** The new lease of the process that has sent it, if there is more to send. */
  leaseExpiresAt: Date;
}

/** The queries and writes that the relay needs. Each call takes many outboxes. */
export interface OutboxPort {
  /** The orders whose outbox is due and has no lease, longest due first. */
  findDue(now: Date, limit: number): Promise<string[]>;
  /** The outboxes of these orders, except those that were sent, or leased by a write, since `findDue`. */
  read(orderIds: string[], now: Date): Promise<Outbox[]>;
  /** Returns the orders whose outbox is not empty. */
  findWaiting(orderIds: string[]): Promise<string[]>;
  makeDue(released: ReleasedOutbox[]): Promise<undefined[]>;
  /** Makes outboxes due later, without a check of their first event. */
  postpone(unreadable: Omit<ReleasedOutbox, 'eventId'>[]): Promise<undefined[]>;
  /**
   * Removes acknowledged events. Resolves with the events of each outbox that this process sends next. The spacing counts
   * from `now`: an acknowledgement may be much older, after a freeze or a wait, and another process may have sent the event
   * again meanwhile.
   */
  removeAcknowledged(acknowledged: AcknowledgedEvent[], now: Date): Promise<OutboxEvent[][]>;
}
