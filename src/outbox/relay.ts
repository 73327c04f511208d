import type { Broker } from '../messaging/broker.ts';
import type { Lease } from '../platform/mongo/lease-store.ts';
import { outsideContext } from '../platform/process/work-context.ts';
import { addMs } from '../platform/time/clock.ts';
import { repeat } from '../platform/time/repeat.ts';
import type { OutboxNotifier, WrittenOutbox } from './outbox-notifier.ts';
import { createSender, hasTime, leaseMs, type OwnOutbox, type SenderDeps } from './sender.ts';
import { createSlots } from './slots.ts';
import { createSweep } from './sweep.ts';

const sweepEveryMs = 1_000;
/**
 * Orders that are being sent at once: the broker stores one half's events while the other half's leave their outboxes.
 * This many may be repeated after a crash.
 */
const maxSending = 256;
/**
 * Orders that wait for their turn in memory: about a kilobyte each, so some megabytes of the 512 that a container has.
 * More than leave within the time that a lease allows for waiting (3 s) at a thousand a second.
 */
export const maxQueued = 4_000;

export interface RelayDeps extends SenderDeps {
  sweepLease: Lease;
  broker: Pick<Broker, 'publish' | 'isConnected' | 'onConnect'>;
}

export interface Relay extends OutboxNotifier {
  /** Starts the sweep for what was left behind: by a crash, an outage of the broker, or another process. */
  start(): void;
  /**
   * One pass of the sweep: sends every outbox that is due, if no other process is about it; begins no more once
   * `signal` has aborted.
   */
  sweep(signal?: AbortSignal): Promise<void>;
  /**
   * Sends what waits and what is due for a last time, and resolves when nothing is being sent any more. What is left when
   * `finish` aborts is sent by other processes, or the next.
   */
  stop(finish?: AbortSignal): Promise<void>;
}

interface Sending {
  outbox: OwnOutbox;
  done: Promise<boolean>;
  /** What this process is to send of the order after that. */
  next?: OwnOutbox;
}

/**
 * Sends the events in the orders' outboxes to the broker: those of one order one after the other, different orders side
 * by side, the one that has waited longest first. An event leaves its outbox after the broker has it, so it may be sent
 * twice but is never lost.
 *
 * What a write has put into an empty outbox is sent by the process that has written it, and what was added behind it by
 * the same process (decision 27). What it cannot send is made due at once, and sent by the sweep of whichever process
 * comes first: while the broker is away, or when `maxQueued` orders wait, or when one has waited for so long that its
 * lease would not last.
 */
export function createRelay(deps: RelayDeps): Relay {
  const { broker, clock, log } = deps;
  const sender = createSender(deps);
  const slots = createSlots(maxSending);
  const queued = new Map<string, OwnOutbox>();
  const sending = new Map<string, Sending>();
  const givingUp = new Set<Promise<boolean>>();
  let sweeping: ReturnType<typeof repeat> | undefined;
  let stopping = false;

  /** The one limit: for the lease that a write stores, and for what is done after the write. */
  const hasRoom = () => broker.isConnected() && !stopping && queued.size < maxQueued;
  const isActive = (orderId: string) => queued.has(orderId) || sending.has(orderId);

  function giveUp(outbox: OwnOutbox): void {
    const given = sender.giveUp(outbox).finally(() => givingUp.delete(given));
    givingUp.add(given);
  }

  function giveUpQueue(): void {
    for (const [orderId, outbox] of queued) {
      slots.withdraw(orderId);
      giveUp(outbox);
    }
    queued.clear();
  }

  /** Has an outbox sent in a slot that is the caller's, and gives the slot back. */
  function begin(outbox: OwnOutbox): Promise<boolean> {
    const { orderId } = outbox;
    const done = sender.send(outbox).finally(() => {
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

  function enqueue(outbox: OwnOutbox): void {
    // What was stored as due at once is a sweep's already.
    if (outbox.leaseExpiresAt <= clock()) return;
    if (hasRoom() && hasTime(outbox, clock())) {
      queued.set(outbox.orderId, outbox);
      slots.request(outbox.orderId, () => beginQueued(outbox.orderId));
    } else giveUp(outbox);
  }

  function notify({ orderId, events, leaseExpiresAt, sender: mark }: WrittenOutbox): void {
    const [head] = events;
    const active = sending.get(orderId);
    const known = active?.outbox ?? queued.get(orderId);
    if (head === undefined || leaseExpiresAt === undefined) return;
    if (mark !== undefined && head.sender !== mark) {
      // Whoever sends the head sends what is behind it, too.
      if (known) known.hasMore = true;
      return;
    }
    const outbox = { orderId, events, leaseExpiresAt };
    if (active) active.next = outbox;
    else if (queued.has(orderId)) queued.set(orderId, outbox);
    else enqueue(outbox);
  }

  const sweep = createSweep({ ...deps, slots, isActive, begin });

  return {
    leaseExpiresAt: () => (hasRoom() ? addMs(clock(), leaseMs) : clock()),
    leaseUpdate: () =>
      hasRoom() ? { $min: { relayDueAt: addMs(clock(), leaseMs) } } : { $max: { relayDueAt: clock() } },
    // Sent after the response, so the deadline and the log fields of the request are not the relay's.
    notify: (written) => outsideContext(() => notify(written)),
    sweep,
    start() {
      sweeping = repeat('outbox sweep', sweepEveryMs, sweep, log);
      broker.onConnect(() => sweeping?.wake());
    },
    async stop(finish) {
      stopping = true;
      await sweeping?.stop();
      await sweep(finish).catch((error: unknown) =>
        log.warn({ reason: String(error) }, 'the last sweep failed, what is due is sent later'),
      );
      while (sending.size + queued.size + givingUp.size > 0) {
        if (finish?.aborted) giveUpQueue();
        await Promise.race([...[...sending.values()].map(({ done }) => done), ...givingUp]);
      }
    },
  };
}
