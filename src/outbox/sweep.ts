import type { Lease } from '../platform/mongo/lease-store.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { RetrySchedule } from '../platform/time/retry-schedule.ts';
import type { LeasedOutbox } from './outbox-lease.ts';
import type { OutboxPort } from './outbox-port.ts';
import type { SendingSlots } from './sending-slots.ts';
import { takeSweepLease } from './sweep-lease.ts';

/** Due outboxes that one query finds. */
const maxDue = 1_000;
/** Outboxes that one read takes: the minimum under load, the maximum when nothing else is sent. */
const minRead = 32;
const maxRead = 128;
/** Failed outboxes that one pass checks. */
const maxFailing = 100;

export interface SweepDeps {
  outboxes: OutboxPort;
  sweepLease: Lease;
  broker: { isConnected(): boolean };
  clock: Clock;
  failing: RetrySchedule;
  slots: SendingSlots;
  /** Whether this process is sending the order's events already. */
  isActive(orderId: string): boolean;
  /** Sends an outbox in a slot that the sweep has taken. Resolves with whether the database has stored the outcome. */
  send(outbox: LeasedOutbox): Promise<boolean>;
}

/** Makes the sweep of a relay: one pass over all outboxes that are due. */
export function createSweep(deps: SweepDeps): (signal?: AbortSignal) => Promise<void> {
  const { outboxes, sweepLease, broker, clock, failing, slots, isActive, send } = deps;

  /** Starts to send the first of these, as many as there are free slots. Resolves with their number; 0 ends the pass. */
  async function sendSome(orderIds: string[], sending: Promise<boolean>[]): Promise<number> {
    const wanted = Math.min(maxRead, orderIds.length);
    // Slots first: a wait between reading and sending would give another process time to send the same outbox.
    let free = await slots.take({ min: Math.min(minRead, wanted), max: wanted });
    const some = orderIds.slice(0, free);
    try {
      const leaseExpiresAt = await takeSweepLease(sweepLease, clock());
      if (leaseExpiresAt === undefined) return 0;
      for (const { orderId, events } of await outboxes.read(some, clock())) {
        if (isActive(orderId)) continue;
        free--;
        sending.push(send({ orderId, events, leaseExpiresAt }));
      }
      return some.length;
    } finally {
      slots.release(free);
    }
  }

  /** Finds due outboxes with one query and sends them. Resolves with whether another query may find more. */
  async function sendDue(shouldContinue: () => boolean): Promise<boolean> {
    const due = await outboxes.findDue(clock(), maxDue);
    const idle = due.filter((orderId) => !isActive(orderId));
    const sending: Promise<boolean>[] = [];
    let done = 0;
    try {
      while (done < idle.length && shouldContinue()) {
        const some = await sendSome(idle.slice(done), sending);
        if (some === 0) break;
        done += some;
      }
    } finally {
      await Promise.all(sending);
    }
    // While the database does not store the removals, the next query would find the same outboxes.
    const areStored = (await Promise.all(sending)).every((isStored) => isStored);
    return areStored && due.length === maxDue && idle.length > 0 && done === idle.length;
  }

  /** An outbox that has failed may have been repaired, or sent by another process. */
  async function forgetRepaired(): Promise<void> {
    const failed = failing.due(maxFailing);
    if (failed.length === 0) return;
    const waiting = new Set(await outboxes.findWaiting(failed));
    for (const orderId of failed) if (!waiting.has(orderId)) failing.succeeded(orderId);
  }

  return async (signal) => {
    const shouldContinue = () => broker.isConnected() && !signal?.aborted;
    try {
      await forgetRepaired();
      while (shouldContinue() && (await sendDue(shouldContinue)));
    } finally {
      await sweepLease.release();
    }
  };
}
