import type { Broker } from '../messaging/broker.ts';
import type { Clock } from '../platform/time/clock.ts';
import { hasTime, type LeasedOutbox } from './outbox-lease.ts';
import type { WrittenOutbox } from './outbox-notifier.ts';
import type { OutboxPublisher } from './outbox-publisher.ts';
import type { SendingSlots } from './sending-slots.ts';

/**
 * Orders that wait in memory for a slot, about a kilobyte each; a container has 512 MB. At a thousand orders a second
 * fewer are sent in `maxQueuedMs`, the longest wait that a lease allows.
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
  /** The outbox of the same order that this process sends next. */
  next?: LeasedOutbox;
}

/**
 * The queue of the outboxes that this process sends after its own writes, longest wait first. It releases the lease of an
 * outbox that it cannot send, so that a sweep of any process sends it: without a connection to the broker, when `maxQueued`
 * orders wait, and when too little of the lease is left. An outbox whose first event has to wait for its time is not queued:
 * it becomes due at that time.
 */
export function createSendingQueue({ publisher, slots, broker, clock }: SendingQueueDeps) {
  const queued = new Map<string, LeasedOutbox>();
  const sending = new Map<string, Sending>();
  const releasing = new Set<Promise<boolean>>();
  let closed = false;

  const hasRoom = () => broker.isConnected() && !closed && queued.size < maxQueued;

  function releaseLease(outbox: LeasedOutbox, dueAt: Date = clock()): void {
    const release = publisher.releaseLease(outbox, dueAt).finally(() => releasing.delete(release));
    releasing.add(release);
  }

  function releaseQueuedLeases(): void {
    for (const [orderId, outbox] of queued) {
      slots.withdraw(orderId);
      releaseLease(outbox);
    }
    queued.clear();
  }

  function send(outbox: LeasedOutbox): Promise<boolean> {
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

  function sendQueued(orderId: string): void {
    const outbox = queued.get(orderId);
    if (!broker.isConnected()) releaseQueuedLeases();
    queued.delete(orderId);
    if (outbox && broker.isConnected()) void send(outbox);
    else slots.release(1);
  }

  function enqueue(outbox: LeasedOutbox): void {
    // The write took no lease: a sweep sends it.
    if (outbox.leaseExpiresAt <= clock()) return;
    if (hasRoom() && hasTime(outbox, clock())) {
      queued.set(outbox.orderId, outbox);
      slots.request(outbox.orderId, () => sendQueued(outbox.orderId));
    } else releaseLease(outbox);
  }

  /** Sends the outbox after `active`, the one of the same order that is being sent, if there is one. */
  function sendAfter(active: Sending | undefined, outbox: LeasedOutbox): void {
    const { orderId } = outbox;
    if (active) active.next = outbox;
    else if (queued.has(orderId)) queued.set(orderId, outbox);
    else enqueue(outbox);
  }

  return {
    /** Whether the queue can take one more outbox. A write takes a lease only then. */
    hasRoom,

    /** Whether the order's outbox is being sent or is queued. */
    isActive: (orderId: string): boolean => queued.has(orderId) || sending.has(orderId),

    /** Sends an outbox in a slot that the caller has taken, and releases the slot. Resolves as `OutboxPublisher.send`. */
    send,

    /** Queues an outbox after a write into it, if this process has its lease. */
    add({ orderId, events, leaseExpiresAt, notBefore, writeId }: WrittenOutbox): void {
      const [head] = events;
      const active = sending.get(orderId);
      const current = active?.outbox ?? queued.get(orderId);
      if (head === undefined || leaseExpiresAt === undefined) return;
      if (writeId !== undefined && head.sender !== writeId) {
        // The process that sends the head also sends the events behind it.
        if (current) current.hasMore = true;
        return;
      }
      const outbox = { orderId, events, leaseExpiresAt };
      if (notBefore && notBefore > clock()) releaseLease(outbox, notBefore);
      else sendAfter(active, outbox);
    },

    /** From now on the queue takes no more outboxes. */
    close(): void {
      closed = true;
    },

    /** Resolves when nothing is queued or being sent. When `signal` aborts, the leases of queued outboxes are released. */
    async drain(signal?: AbortSignal): Promise<void> {
      while (sending.size + queued.size + releasing.size > 0) {
        if (signal?.aborted) releaseQueuedLeases();
        await Promise.race([...[...sending.values()].map(({ done }) => done), ...releasing]);
      }
    },
  };
}
