import type { Logger } from 'pino';
import type { Broker } from '../messaging/broker.ts';
import { createBatcher } from '../platform/mongo/batcher.ts';
import { addMs, type Clock } from '../platform/time/clock.ts';
import { backoff } from '../platform/time/repeat.ts';
import type { RetrySchedule } from '../platform/time/retry-schedule.ts';
import { messageOf, UnreadableEvent } from './message-of.ts';
import type { OutboxEvent } from './outbox-event.ts';
import type { Outboxes } from './outboxes.ts';

/** How long a process keeps an outbox to itself. 0.1 has the same. */
export const leaseMs = 10_000;
/**
 * What must be left of a lease when a publish begins: the 5 s that it may take, and two for clearing the outbox and for
 * clocks that differ by one.
 */
const minLeaseLeftMs = 7_000;
/** An event that was not acknowledged is due again within this time. */
const retryWithinMs = 1_000;
/** Outboxes are cleared one round trip after the other: nobody waits for it, and so many share one. */
const clearing = { maxBatchSize: 128, concurrency: 1 };
/** What is given up comes by the thousand, when the broker has gone: all of the queue, and what is being written. */
const givingUp = { maxBatchSize: 1_000, concurrency: 1, maxWaiting: 10_000 };

/** One attempt to publish an event. */
export interface Publication {
  subject: string;
  outcome: 'acknowledged' | 'failed';
  seconds: number;
}

export interface SenderDeps {
  outboxes: Outboxes;
  broker: Pick<Broker, 'publish'>;
  clock: Clock;
  log: Logger;
  /** Outboxes that cannot be sent, whatever the broker does. */
  failing: RetrySchedule;
  /** Called with every attempt to publish. */
  onPublish?: ((publication: Publication) => void) | undefined;
}

/** An outbox that is this process's to send. */
export interface OwnOutbox {
  orderId: string;
  /** Its first events, as far as they are known. */
  events: OutboxEvent[];
  /** Until when no other process sends it. */
  leaseExpiresAt: Date;
  /** Whether more has been seen behind the events. */
  hasMore?: boolean;
}

export interface Sender {
  /**
   * Sends what is known to be the beginning of an outbox, and what is stored behind it. What cannot be sent now is due
   * again soon. Resolves with whether the database has taken all that this changes.
   */
  send(outbox: OwnOutbox): Promise<boolean>;
  /** Leaves an outbox to the sweep, at once. Resolves as `send` does. */
  giveUp(outbox: OwnOutbox): Promise<boolean>;
}

/**
 * Sends an order's events one after the other: the next only when the one before has left the stored outbox. So whoever
 * repeats an event, after a crash or an outage, does so before the next one of the order has gone out.
 */
export function createSender({ outboxes, broker, clock, log, failing, onPublish }: SenderDeps): Sender {
  const removeAcknowledged = createBatcher({ runBatch: outboxes.removeAcknowledged, ...clearing });
  const makeDue = createBatcher({ runBatch: outboxes.makeDue, ...givingUp });
  const postpone = createBatcher({ runBatch: outboxes.postpone, ...givingUp });

  /** Resolves with whether the broker has acknowledged the event. */
  async function publish(orderId: string, subject: string, message: string): Promise<boolean> {
    const started = performance.now();
    const report = (outcome: Publication['outcome']) =>
      onPublish?.({ subject, outcome, seconds: (performance.now() - started) / 1_000 });
    try {
      await broker.publish(subject, message);
    } catch (error) {
      report('failed');
      log.warn({ orderId, reason: String(error) }, 'event not acknowledged, it will be sent again');
      return false;
    }
    report('acknowledged');
    return true;
  }

  async function leave({ orderId, events: [head] }: OwnOutbox, dueAt: Date): Promise<undefined> {
    if (head) await makeDue({ orderId, eventId: head.eventId, dueAt });
    return undefined;
  }

  /** Sends the first event, and resolves with what is left for this process to send. */
  async function sendHead(outbox: OwnOutbox): Promise<OwnOutbox | undefined> {
    const { orderId, events } = outbox;
    const [event] = events;
    const message = messageOf(event);
    failing.succeeded(orderId);
    if (!event || !hasTime(outbox, clock())) return leave(outbox, clock());
    if (!(await publish(orderId, event.subject, message)))
      return leave(outbox, addMs(clock(), backoff(0, retryWithinMs, retryWithinMs)));
    const leaseExpiresAt = addMs(clock(), leaseMs);
    const isLast = events.length === 1 && !outbox.hasMore;
    const rest = await removeAcknowledged({ orderId, event, isLast, leaseExpiresAt });
    return rest.length > 0 ? { orderId, events: rest, leaseExpiresAt } : undefined;
  }

  async function sendAll(outbox: OwnOutbox): Promise<void> {
    try {
      for (let next: OwnOutbox | undefined = outbox; next; ) next = await sendHead(next);
    } catch (error) {
      if (!(error instanceof UnreadableEvent)) throw error;
      const { orderId } = outbox;
      await postpone({ orderId, dueAt: failing.failed(orderId, error) });
    }
  }

  /** Resolves with whether the database has taken what it was asked for. */
  async function whetherStored(orderId: string, work: Promise<void>): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      // The lease runs out, and a sweep takes the outbox up again.
      log.error({ orderId, err: error }, 'outbox not cleared');
      return false;
    }
  }

  return {
    send: (outbox) => whetherStored(outbox.orderId, sendAll(outbox)),
    giveUp: (outbox) => whetherStored(outbox.orderId, leave(outbox, clock())),
  };
}

/** Whether an event may be published and cleared before the lease runs out. */
export function hasTime({ leaseExpiresAt }: OwnOutbox, now: Date): boolean {
  return leaseExpiresAt.getTime() - now.getTime() >= minLeaseLeftMs;
}
