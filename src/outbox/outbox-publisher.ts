import type { Logger } from 'pino';
import type { Broker } from '../messaging/broker.ts';
import { createBatcher } from '../platform/mongo/batcher.ts';
import { addMs, type Clock } from '../platform/time/clock.ts';
import { backoff } from '../platform/time/repeat.ts';
import type { RetrySchedule } from '../platform/time/retry-schedule.ts';
import type { OutboxEvent } from './outbox-event.ts';
import { hasTime, type LeasedOutbox, outboxLeaseExpiry } from './outbox-lease.ts';
import type { AcknowledgedEvent, OutboxPort } from './outbox-port.ts';
import { serializeEvent, type ToData, UnreadableEvent } from './serialize-event.ts';

/** An event that was not acknowledged is due again within this time. */
const retryWithinMs = 1_000;
/** One batch at a time: no request waits for a removal, and more removals share a round trip. */
const removals = { maxBatchSize: 128, concurrency: 1 };
/** When the connection to the broker ends, thousands of leases are released at once. */
const releases = { maxBatchSize: 1_000, concurrency: 1, maxWaiting: 10_000 };

/** One attempt to publish an event. */
export interface PublishReport {
  subject: string;
  outcome: 'acknowledged' | 'failed';
  seconds: number;
}

export interface PublisherDeps {
  outboxes: OutboxPort;
  broker: Pick<Broker, 'publish'>;
  clock: Clock;
  log: Logger;
  /** Outboxes that cannot be sent because of their content. */
  failing: RetrySchedule;
  /** What leaves of a stored event; its data as it is if absent. */
  toData?: ToData | undefined;
  /** Called after every attempt to publish. */
  onPublish?: ((report: PublishReport) => void) | undefined;
}

export interface OutboxPublisher {
  /**
   * Sends the events of an outbox, and those stored behind them. What cannot be sent now is due again soon. Resolves with
   * whether the database has stored all changes.
   */
  send(outbox: LeasedOutbox): Promise<boolean>;
  /** Makes an outbox due from this time on, for the sweep of any process. Resolves as `send` does. */
  releaseLease(outbox: LeasedOutbox, dueAt: Date): Promise<boolean>;
}

/**
 * Sends the events of an order one after the other: the next only when the one before was removed from the stored outbox.
 * So an event that is repeated, after a crash or an outage, is repeated before the next one of its order.
 */
export function createOutboxPublisher(deps: PublisherDeps): OutboxPublisher {
  const { outboxes, broker, clock, log, failing, onPublish, toData = ({ data }) => data } = deps;
  const removeAcknowledged = createBatcher({
    runBatch: (acknowledged: AcknowledgedEvent[]) => outboxes.removeAcknowledged(acknowledged, clock()),
    ...removals,
  });
  const makeDue = createBatcher({ runBatch: outboxes.makeDue, ...releases });
  const postpone = createBatcher({ runBatch: outboxes.postpone, ...releases });

  /** Resolves with whether the broker has acknowledged the event. */
  async function publish(
    orderId: string,
    { subject, eventId }: Pick<OutboxEvent, 'subject' | 'eventId'>,
    message: string,
  ): Promise<boolean> {
    const started = performance.now();
    const report = (outcome: PublishReport['outcome']) =>
      onPublish?.({ subject, outcome, seconds: (performance.now() - started) / 1_000 });
    try {
      await broker.publish(subject, message, eventId);
    } catch (error) {
      report('failed');
      log.warn({ orderId, reason: String(error) }, 'event not acknowledged, it will be sent again');
      return false;
    }
    report('acknowledged');
    return true;
  }

  async function release({ orderId, events: [head] }: LeasedOutbox, dueAt: Date): Promise<undefined> {
    if (head) await makeDue({ orderId, eventId: head.eventId, dueAt });
    return undefined;
  }

  /** Sends the first event. Resolves with the rest that this process sends next. */
  async function sendHead(outbox: LeasedOutbox): Promise<LeasedOutbox | undefined> {
    const { orderId, events } = outbox;
    const [event] = events;
    const message = serializeEvent(event, toData);
    failing.succeeded(orderId);
    if (!event || !hasTime(outbox, clock())) return release(outbox, clock());
    if (!(await publish(orderId, event, message)))
      return release(outbox, addMs(clock(), backoff(0, retryWithinMs, retryWithinMs)));
    const leaseExpiresAt = outboxLeaseExpiry(clock());
    const isLast = events.length === 1 && !outbox.hasMore;
    const rest = await removeAcknowledged({ orderId, event, isLast, leaseExpiresAt });
    return rest.length > 0 ? { orderId, events: rest, leaseExpiresAt } : undefined;
  }

  async function sendAll(outbox: LeasedOutbox): Promise<void> {
    try {
      for (let next: LeasedOutbox | undefined = outbox; next; ) next = await sendHead(next);
    } catch (error) {
      if (!(error instanceof UnreadableEvent)) throw error;
      const { orderId } = outbox;
      await postpone({ orderId, dueAt: failing.failed(orderId, error) });
    }
  }

  /** Resolves with false when the work fails, and logs the error. */
  async function isStored(orderId: string, work: Promise<void>): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      // The lease expires, and a sweep sends the outbox.
      log.error({ orderId, err: error }, 'outbox not cleared');
      return false;
    }
  }

  return {
    send: (outbox) => isStored(outbox.orderId, sendAll(outbox)),
    releaseLease: (outbox, dueAt) => isStored(outbox.orderId, release(outbox, dueAt)),
  };
}
