import { publishTimeoutMs } from '../messaging/broker.ts';
import { addMs } from '../platform/time/clock.ts';
import type { OutboxEvent } from './outbox-event.ts';

/** How long an event may wait in the queue before it is published. */
export const maxQueuedMs = 3_000;
/** For the write that removes an acknowledged event. */
const removalMs = 1_000;
/** How much the clocks of two processes may differ. */
const clockSkewMs = 1_000;
/** How much of a lease must be left when a publish starts. */
export const minLeaseLeftMs = publishTimeoutMs + removalMs + clockSkewMs;

/**
 * For how long one process alone sends an order's outbox, in milliseconds: stored as the order's `relayDueAt`. Release
 * 0.1 has the same 10 s. The sweep's own lease is in sweep-lease.ts.
 */
export const outboxLeaseMs = maxQueuedMs + minLeaseLeftMs;

/** An outbox that only this process sends for now. */
export interface LeasedOutbox {
  orderId: string;
  /** Its first events, as far as this process has read them. */
  events: OutboxEvent[];
  /** No other process sends the outbox before this time. */
  leaseExpiresAt: Date;
  /** True when the stored outbox is known to have more events than these. */
  hasMore?: boolean;
}

/** Whether an event may be published and removed before the lease expires. */
export function hasTime({ leaseExpiresAt }: LeasedOutbox, now: Date): boolean {
  return leaseExpiresAt.getTime() - now.getTime() >= minLeaseLeftMs;
}

/** When a lease that is taken now expires. */
export function outboxLeaseExpiry(now: Date): Date {
  return addMs(now, outboxLeaseMs);
}

/**
 * How a write to a stored order changes the lease of its outbox. Neither form shortens the lease of a process that is
 * sending.
 */
export type LeaseUpdate = { $min: { relayDueAt: Date } } | { $max: { relayDueAt: Date } };

/** The writing process sends the event, unless another one has the lease already. */
export function leaseOnWrite(now: Date): LeaseUpdate {
  return { $min: { relayDueAt: outboxLeaseExpiry(now) } };
}

/** The event is due at once, unless a process has the lease. A sweep sends it. */
export function dueOnWrite(now: Date): LeaseUpdate {
  return { $max: { relayDueAt: now } };
}
