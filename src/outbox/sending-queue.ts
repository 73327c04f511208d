import type { Broker } from '../messaging/broker.ts';
import type { Clock } from '../platform/time/clock.ts';
import { hasTime, type LeasedOutbox } from './outbox-lease.ts';
import type { WrittenOutbox } from './outbox-notifier.ts';
import type { OutboxPublisher } from './outbox-publisher.ts';
import type { SendingSlots } from './sending-slots.ts';

/**
 * Orders that wait in memory for a slot: about a kilobyte each, so some megabytes of the 512 that a container has. More
 * than are sent in the time that a lease allows for waiting (`maxQueuedMs`) at a thousand a second.
 */
export const maxQueued = 4_000;

export interface SendingQueueDeps {
  publisher: OutboxPublisher;
  slots: SendingSlots;
  broker: Pick<Broker, 'isConnected'>;
  clock: Clock;
}

interface Sending {
  outbox: LeasedOutbox;
  done: Promise<boolean>;
  /** What this process is to send of the order after that. */
  next?: LeasedOutbox;
}

/**
 * The outboxes that this process sends, or is going to send, after its own writes: the order that has waited longest is
 * first. What it cannot send is made due at once, for the sweep of any process: while the broker is away, when
 * `maxQueued` orders wait, and when an order has waited so long that too little of its lease is left.
 */
export function createSendingQueue({ publisher, slots, broker, clock }: SendingQueueDeps) {
  const queued = new Map<string, LeasedOutbox>();
  const sending = new Map<string, Sending>();
  const givingUp = new Set<Promise<boolean>>();
  let closed = false;

  const hasRoom = () => broker.isConnected() && !closed && queued.size < maxQueued;

  function giveUp(outbox: LeasedOutbox): void {
    const given = publisher.giveUp(outbox).finally(() => givingUp.delete(given));
    givingUp.add(given);
  }

  function giveUpQueue(): void {
    for (const [orderId, outbox] of queued) {
      slots.withdraw(orderId);
      giveUp(outbox);
    }
    queued.clear();
  }

  function begin(outbox: LeasedOutbox): Promise<boolean> {
    const { orderId } = outbox;
    const done = publisher.send(outbox).finally(() => {
      const next = sending.get(orderId)?.next;
      sending.delete(orderId);
      if (next) enqueue(next);
      slots.release(1);
    });
    sending.set(orderId, { outbox, done });
    return done;
  }

  function beginQueued(orderId: string): void {
    const outbox = queued.get(orderId);
    if (!broker.isConnected()) giveUpQueue();
    queued.delete(orderId);
    if (outbox && broker.isConnected()) void begin(outbox);
    else slots.release(1);
  }

  function enqueue(outbox: LeasedOutbox): void {
    // It was stored as due at once: a sweep sends it.
    if (outbox.leaseExpiresAt <= clock()) return;
    if (hasRoom() && hasTime(outbox, clock())) {
      queued.set(outbox.orderId, outbox);
      slots.request(outbox.orderId, () => beginQueued(outbox.orderId));
    } else giveUp(outbox);
  }

  return {
    /** Whether one more outbox can be sent. A write takes a lease only then. */
    hasRoom,

    /** Whether the order's outbox is being sent, or waits for it. */
    isActive: (orderId: string): boolean => queued.has(orderId) || sending.has(orderId),

    /** Sends an outbox in a slot that the caller has taken, and releases the slot. Resolves as `OutboxPublisher.send`. */
    begin,

    /** Sends an outbox after a write into it, if it is this process that has to. */
    add({ orderId, events, leaseExpiresAt, writeMark }: WrittenOutbox): void {
      const [head] = events;
      const active = sending.get(orderId);
      const known = active?.outbox ?? queued.get(orderId);
      if (head === undefined || leaseExpiresAt === undefined) return;
      if (writeMark !== undefined && head.sender !== writeMark) {
        // The process that sends the head also sends the events behind it.
        if (known) known.hasMore = true;
        return;
      }
      const outbox = { orderId, events, leaseExpiresAt };
      if (active) active.next = outbox;
      else if (queued.has(orderId)) queued.set(orderId, outbox);
      else enqueue(outbox);
    },

    /** Takes no more outboxes. */
    close(): void {
      closed = true;
    },

    /** Resolves when nothing waits or is being sent any more. What still waits when `signal` aborts is given up. */
    async drain(signal?: AbortSignal): Promise<void> {
      while (sending.size + queued.size + givingUp.size > 0) {
        if (signal?.aborted) giveUpQueue();
        await Promise.race([...[...sending.values()].map(({ done }) => done), ...givingUp]);
      }
    },
  };
}
