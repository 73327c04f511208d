import type { OutgoingEvent } from '../messaging/contracts.ts';

/** What a write into an outbox owes to the relay. */
export interface HandOff {
  /** Until when the writing process keeps the outbox to itself; the write stores it as `relayDueAt`. */
  leaseEnd(): Date;
  /** The write is done, and `outbox` is what the order's outbox held right after it, oldest first. */
  written(orderId: string, outbox: OutgoingEvent[]): void;
}
