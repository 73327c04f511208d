import type { Broker } from '../messaging/broker.ts';
import type { Lease } from '../platform/mongo/lease-store.ts';
import { outsideContext } from '../platform/process/work-context.ts';
import { repeat } from '../platform/time/repeat.ts';
import { dueOnWrite, leaseOnWrite, outboxLeaseExpiry } from './outbox-lease.ts';
import type { OutboxNotifier } from './outbox-notifier.ts';
import { createOutboxPublisher, type PublisherDeps } from './outbox-publisher.ts';
import { createSendingQueue } from './sending-queue.ts';
import { createSendingSlots } from './sending-slots.ts';
import { createSweep } from './sweep.ts';

const sweepEveryMs = 1_000;
/**
 * Orders that are being sent at once: the broker stores the events of one half while those of the other half leave their
 * outboxes. So many events may be repeated after a crash.
 */
const maxSending = 256;

export interface RelayDeps extends PublisherDeps {
  sweepLease: Lease;
  broker: Pick<Broker, 'publish' | 'isConnected' | 'onConnect'>;
}

export interface Relay extends OutboxNotifier {
  /** Starts the sweep for outboxes that a crash, an outage of the broker or another process has left. */
  start(): void;
  /**
   * One pass of the sweep: sends every outbox that is due, unless another process is sweeping. Begins no more of them
   * when `signal` has aborted.
   */
  sweep(signal?: AbortSignal): Promise<void>;
  /**
   * Sends for a last time what waits and what is due. Resolves when nothing is being sent any more. Other processes, or the
   * next one, send what is left when `finish` aborts.
   */
  stop(finish?: AbortSignal): Promise<void>;
}

/**
 * Sends the events in the orders' outboxes to the broker: those of one order one after the other, different orders side
 * by side, the one that has waited longest first. An event leaves its outbox after the broker has acknowledged it, so
 * it may be sent twice but is never lost.
 *
 * A process that writes into an empty outbox sends the event, and what others add behind it (decision 27). What it
 * cannot send, and what is left behind, goes by the sweep.
 */
export function createRelay(deps: RelayDeps): Relay {
  const { broker, clock, log } = deps;
  const slots = createSendingSlots(maxSending);
  const queue = createSendingQueue({ publisher: createOutboxPublisher(deps), slots, broker, clock });
  const sweep = createSweep({ ...deps, slots, isActive: queue.isActive, begin: queue.begin });
  let sweeping: ReturnType<typeof repeat> | undefined;

  return {
    leaseExpiresAt: () => (queue.hasRoom() ? outboxLeaseExpiry(clock()) : clock()),
    leaseUpdate: () => (queue.hasRoom() ? leaseOnWrite(clock()) : dueOnWrite(clock())),
    // Sent after the answer, so the deadline and the log fields of the request are not the relay's.
    notify: (written) => outsideContext(() => queue.add(written)),
    sweep,
    start() {
      sweeping = repeat('outbox sweep', sweepEveryMs, sweep, log);
      broker.onConnect(() => sweeping?.wake());
    },
    async stop(finish) {
      queue.close();
      await sweeping?.stop();
      await sweep(finish).catch((error: unknown) =>
        log.warn({ reason: String(error) }, 'the last sweep failed, what is due is sent later'),
      );
      await queue.drain(finish);
    },
  };
}
