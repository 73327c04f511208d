import type { Logger } from 'pino';
import { createBatcher } from '../database/batcher.ts';
import type { Lease } from '../database/lease-store.ts';
import type { Broker } from '../messaging/broker.ts';
import type { OutgoingEvent } from '../messaging/contracts.ts';
import { after, type Clock } from '../time/clock.ts';
import { backoff, repeat } from '../time/repeat.ts';
import type { HandOff } from './hand-off.ts';
import type { OutboxStore } from './outbox-store.ts';
import type { Delivered } from './removal-store.ts';

/** Longer than a publish waits for its acknowledgement, so that a second process seldom sends the same event. */
const leaseMs = 10_000;
const sweepEveryMs = 1_000;
/** An event that was not acknowledged is due again within this time. */
const retryWithinMs = 1_000;
/** How long what is due is still sent when the relay is stopped. The rest is sent by other processes, or the next. */
export const flushWithinMs = 5_000;
/** Orders whose events are under way at once. One event per order is unacknowledged at any time. */
const mostInFlight = 128;
/** The job that one process does at a time for all. Stored: another replica looks for the same name. */
export const sweepLeaseName = 'outbox sweep';
/** How many outboxes that are due are looked for at once: the look costs more than it finds. */
const mostDue = 1_000;
/** Outboxes are cleared one round trip after the other: nobody waits for it, and so many share one. */
const clearing = { maxBatchSize: 32, concurrency: 1 };

export interface RelayParts {
  outboxes: OutboxStore;
  sweepLease: Lease;
  broker: Pick<Broker, 'publish' | 'isConnected' | 'onConnect'>;
  clock: Clock;
  log: Logger;
  /** Told of every attempt to publish. */
  onPublish?: (publication: Publication) => void;
}

/** One attempt to publish an event. */
export interface Publication {
  subject: string;
  outcome: 'acknowledged' | 'failed';
  seconds: number;
}

export interface Relay extends HandOff {
  /** Starts the sweep for what was left behind: by a crash, an outage of the broker, or another process. */
  start(): void;
  /**
   * One pass of the sweep: sends every outbox that is due, if no other process is about it; begins no more once
   * `ending` has aborted.
   */
  sweep(ending?: AbortSignal): Promise<void>;
  /** Sends what is due for a last time, and resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/**
 * Sends the events in the orders' outboxes to the broker: those of one order one after the other, each only when
 * the broker has acknowledged the one before, different orders side by side. An event leaves its outbox after the
 * broker has it, so it may be sent twice but is never lost.
 */
export function createRelay(parts: RelayParts): Relay {
  const { outboxes, sweepLease, broker, clock, log, onPublish } = parts;
  const underWay = new Map<string, Promise<OutgoingEvent[]>>();
  const removeSent = createBatcher({
    ...clearing,
    async runBatch(delivered: Delivered[]) {
      await outboxes.remove(delivered);
      return delivered.map(() => undefined);
    },
  });
  let sweeping: ReturnType<typeof repeat> | undefined;

  function leaseEnd(): Date {
    // Without a broker, or with much under way, nothing is sent now: the outbox is due at once, for whoever can.
    // Half of the places are left to writes that have a lease and are not done yet.
    const canSend = broker.isConnected() && underWay.size < mostInFlight / 2;
    return canSend ? after(clock(), leaseMs) : clock();
  }

  async function publish({ subject, data }: OutgoingEvent): Promise<void> {
    const started = performance.now();
    const tell = (outcome: Publication['outcome']) =>
      onPublish?.({ subject, outcome, seconds: (performance.now() - started) / 1_000 });
    try {
      await broker.publish(subject, JSON.stringify(data));
    } catch (error) {
      tell('failed');
      throw error;
    }
    tell('acknowledged');
  }

  /** Resolves with the events that the broker has acknowledged. */
  async function publishInOrder(orderId: string, events: OutgoingEvent[]): Promise<OutgoingEvent[]> {
    const sent: OutgoingEvent[] = [];
    let restDueAt = clock();
    try {
      for (const event of events) {
        await publish(event);
        sent.push(event);
      }
    } catch (error) {
      log.warn({ orderId, reason: String(error) }, 'event not acknowledged, it will be sent again');
      restDueAt = after(clock(), backoff(0, retryWithinMs, retryWithinMs));
    }
    try {
      await removeSent({ orderId, sent, restDueAt });
    } catch (error) {
      // The lease runs out, and a sweep takes the outbox up again.
      log.error({ orderId, err: error }, 'outbox not cleared');
    }
    return sent;
  }

  /** Sends what is known to be the beginning of the order's outbox. */
  async function send(orderId: string, events: OutgoingEvent[]): Promise<void> {
    const sending = publishInOrder(orderId, events).finally(() => underWay.delete(orderId));
    underWay.set(orderId, sending);
    await sending;
  }

  async function sweep(ending?: AbortSignal): Promise<void> {
    const mayGoOn = () => broker.isConnected() && !ending?.aborted;
    try {
      while (mayGoOn() && (await sendDue(mayGoOn)));
    } finally {
      await sweepLease.release();
    }
  }

  /** Looks once for what is due and sends it. Resolves with whether there may be more for this process to send. */
  async function sendDue(mayGoOn: () => boolean): Promise<boolean> {
    const due = await outboxes.findDue(clock(), mostDue);
    // What is due and under way already is none of this sweep's business.
    const free = due.filter((orderId) => !underWay.has(orderId));
    for (let first = 0; first < free.length; first += mostInFlight) {
      const now = clock();
      if (!mayGoOn() || !(await sweepLease.take({ now, until: after(now, leaseMs) }))) return false;
      await readAndSend(free.slice(first, first + mostInFlight));
    }
    return due.length === mostDue && free.length > 0;
  }

  async function readAndSend(orderIds: string[]): Promise<void> {
    await Promise.all(
      (await outboxes.read(orderIds, clock())).map(async ({ orderId, events }) => {
        while (underWay.size >= mostInFlight) await Promise.race(underWay.values());
        // A write of this process may have begun to send the outbox meanwhile, all of it.
        if (!underWay.has(orderId) && events.length > 0) await send(orderId, events);
      }),
    );
  }

  function written(orderId: string, outbox: OutgoingEvent[]): void {
    const earlier = underWay.get(orderId);
    if (earlier !== undefined) {
      void earlier.then((sent) =>
        written(
          orderId,
          outbox.filter(({ eventId }) => !sent.some((event) => event.eventId === eventId)),
        ),
      );
    } else if (outbox.length > 0 && underWay.size < mostInFlight && broker.isConnected()) {
      void send(orderId, outbox);
    }
  }

  return {
    leaseEnd,
    written,
    sweep,
    start() {
      sweeping = repeat('outbox sweep', sweepEveryMs, sweep, log);
      broker.onConnect(() => sweeping?.wake());
    },
    async stop() {
      await sweeping?.stop();
      await sweep(AbortSignal.timeout(flushWithinMs)).catch((error: unknown) =>
        log.warn({ reason: String(error) }, 'the last sweep failed, what is due is sent later'),
      );
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}
