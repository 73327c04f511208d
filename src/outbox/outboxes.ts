import type { OutboxEvent } from './outbox-event.ts';

/** An order's outbox, oldest event first. */
export interface Outbox {
  orderId: string;
  events: OutboxEvent[];
}

/** An outbox whose sender gives it up: anybody may send it from `dueAt` on. */
export interface GivenUp {
  orderId: string;
  /** Its first event. When another has come there, somebody else sends the outbox, and nothing is changed. */
  eventId: string;
  dueAt: Date;
}

/** The first event of an order's outbox, which the broker has. */
export interface AcknowledgedEvent {
  orderId: string;
  event: OutboxEvent;
  /** Whether nothing is known to be behind it. */
  isLast: boolean;
  /** How long the process that has sent it keeps the rest to itself, at least, if there is one. */
  leaseExpiresAt: Date;
}

/** What the relay needs of the place where the outboxes lie. Each call takes many at once. */
export interface Outboxes {
  /** Whose outbox nobody is sending, due longest first. */
  findDue(now: Date, limit: number): Promise<string[]>;
  /** The outboxes of these, without those that have been sent, or leased by a write, since they were due. */
  read(orderIds: string[], now: Date): Promise<Outbox[]>;
  /** Those whose outbox holds something. */
  findWaiting(orderIds: string[]): Promise<string[]>;
  makeDue(givenUp: GivenUp[]): Promise<undefined[]>;
  /** Leaves outboxes alone for a while, whatever they hold. */
  postpone(unreadable: Omit<GivenUp, 'eventId'>[]): Promise<undefined[]>;
  /** Removes what the broker has, and resolves with what is left for this process to send of each. */
  removeAcknowledged(acknowledged: AcknowledgedEvent[]): Promise<OutboxEvent[][]>;
}
