import type { OutboxEvent } from './outbox-event.ts';

/** An order's outbox, oldest event first. */
export interface Outbox {
  orderId: string;
  events: OutboxEvent[];
}

/** An outbox whose process gives up its lease: any process may send it from `dueAt` on. */
export interface ReleasedOutbox {
  orderId: string;
  /** Its first event. When another event is the first by now, another process sends the outbox, and nothing changes. */
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

/** What the relay needs of the store of the outboxes. Each call takes many outboxes at once. */
export interface OutboxPort {
  /** The orders whose outbox no process is sending, due longest first. */
  findDue(now: Date, limit: number): Promise<string[]>;
  /** The outboxes of these orders, without those that have been sent, or leased by a write, since they were due. */
  read(orderIds: string[], now: Date): Promise<Outbox[]>;
  /** Those of the orders whose outbox is not empty. */
  findWaiting(orderIds: string[]): Promise<string[]>;
  makeDue(released: ReleasedOutbox[]): Promise<undefined[]>;
  /** Makes outboxes due later, whatever is stored in them. */
  postpone(unreadable: Omit<ReleasedOutbox, 'eventId'>[]): Promise<undefined[]>;
  /** Removes acknowledged events. Resolves with the events of each outbox that this process is to send next. */
  removeAcknowledged(acknowledged: AcknowledgedEvent[]): Promise<OutboxEvent[][]>;
}
