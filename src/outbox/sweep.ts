import type { Lease } from '../platform/mongo/lease-store.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { RetrySchedule } from '../platform/time/retry-schedule.ts';
import type { LeasedOutbox } from './outbox-lease.ts';
import type { OutboxPort } from './outbox-port.ts';
import type { SendingSlots } from './sending-slots.ts';
import { takeSweepLease } from './sweep-lease.ts';

/** How many due outboxes one query finds: it costs more than what it finds. */
const maxDue = 1_000;
/** How many outboxes one read takes, where as many are due: no fewer under load, no more when nothing else is sent. */
const minRead = 32;
const maxRead = 128;
/** How many of the outboxes that have failed a pass checks. */
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
  begin(outbox: LeasedOutbox): Promise<boolean>;
}

/** Makes the sweep of a relay: one pass over all outboxes that are due. */
export function createSweep(deps: SweepDeps): (signal?: AbortSignal) => Promise<void> {
  const { outboxes, sweepLease, broker, clock, failing, slots, isActive, begin } = deps;

  /** Begins to send the first of these, for as many slots as there are. Resolves with their number; 0 ends the pass. */
  async function beginSome(orderIds: string[], begun: Promise<boolean>[]): Promise<number> {
    const wanted = Math.min(maxRead, orderIds.length);
    // Slots first: another process must have no time to send an outbox between its reading and its sending here.
    let free = await slots.take({ min: Math.min(minRead, wanted), max: wanted });
    const some = orderIds.slice(0, free);
    try {
      const leaseExpiresAt = await takeSweepLease(sweepLease, clock());
      if (leaseExpiresAt === undefined) return 0;
      for (const { orderId, events } of await outboxes.read(some, clock())) {
        if (isActive(orderId)) continue;
        free--;
        begun.push(begin({ orderId, events, leaseExpiresAt }));
      }
      return some.length;
    } finally {
      slots.release(free);
    }
  }

  /** Finds due outboxes with one query and sends them. Resolves with whether there may be more for this process. */
  async function sendDue(shouldContinue: () => boolean): Promise<boolean> {
    const due = await outboxes.findDue(clock(), maxDue);
    const idle = due.filter((orderId) => !isActive(orderId));
    const begun: Promise<boolean>[] = [];
    let done = 0;
    try {
      while (done < idle.length && shouldContinue()) {
        const some = await beginSome(idle.slice(done), begun);
        if (some === 0) break;
        done += some;
      }
    } finally {
      await Promise.all(begun);
    }
    // While the database does not store what was sent, the next query would find the same outboxes.
    const areStored = (await Promise.all(begun)).every((isStored) => isStored);
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
