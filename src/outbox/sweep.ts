import type { Lease } from '../platform/mongo/lease-store.ts';
import { addMs, type Clock } from '../platform/time/clock.ts';
import type { RetrySchedule } from '../platform/time/retry-schedule.ts';
import type { Outboxes } from './outboxes.ts';
import { leaseMs, type OwnOutbox } from './sender.ts';
import type { Slots } from './slots.ts';

/** The job that one process does at a time for all. Stored: another replica looks for the same name. */
export const sweepLeaseName = 'outbox sweep';
/** How many outboxes that are due are found by one query: it costs more than what it finds. */
const maxDue = 1_000;
/** How many outboxes are read at once, where as many are due: no fewer under load, no more when nothing else is sent. */
const minRead = 32;
const maxRead = 128;
/** How many of those that failed are looked for in a pass. */
const maxFailing = 100;

export interface SweepDeps {
  outboxes: Outboxes;
  sweepLease: Lease;
  broker: { isConnected(): boolean };
  clock: Clock;
  failing: RetrySchedule;
  slots: Slots;
  /** Whether this process is about the order anyway. */
  isActive(orderId: string): boolean;
  /** Has an outbox sent in a slot that the sweep has taken; resolves with whether the database has taken its part. */
  begin(outbox: OwnOutbox): Promise<boolean>;
}

/** Makes the sweep of a relay. */
export function createSweep(deps: SweepDeps): (signal?: AbortSignal) => Promise<void> {
  const { outboxes, sweepLease, broker, clock, failing, slots, isActive, begin } = deps;

  /** Begins to send some of these, as many as there is room for. Resolves with how many were looked at; 0 ends the pass. */
  async function beginSome(orderIds: string[], begun: Promise<boolean>[]): Promise<number> {
    const wanted = Math.min(maxRead, orderIds.length);
    // Room first: between the reading of an outbox and its sending there is no time for others to send it.
    let room = await slots.take({ min: Math.min(minRead, wanted), max: wanted });
    const some = orderIds.slice(0, room);
    try {
      const now = clock();
      const until = addMs(now, leaseMs);
      if (!(await sweepLease.take({ now, until }))) return 0;
      for (const { orderId, events } of await outboxes.read(some, clock())) {
        if (isActive(orderId)) continue;
        room--;
        begun.push(begin({ orderId, events, leaseExpiresAt: until }));
      }
      return some.length;
    } finally {
      slots.release(room);
    }
  }

  /** Looks once for what is due and sends it. Resolves with whether there may be more for this process to send. */
  async function sendDue(shouldContinue: () => boolean): Promise<boolean> {
    const due = await outboxes.findDue(clock(), maxDue);
    const idle = due.filter((orderId) => !isActive(orderId));
    const begun: Promise<boolean>[] = [];
    let looked = 0;
    try {
      while (looked < idle.length && shouldContinue()) {
        const some = await beginSome(idle.slice(looked), begun);
        if (some === 0) break;
        looked += some;
      }
    } finally {
      await Promise.all(begun);
    }
    // Where the database does not take what was sent, the same outboxes would be found again, and sent again.
    const cleared = (await Promise.all(begun)).every((stored) => stored);
    return cleared && due.length === maxDue && idle.length > 0 && looked === idle.length;
  }

  /** An outbox that failed may have been repaired, or sent by another process. */
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
