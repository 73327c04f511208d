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
 * How many orders are sent at the same time: the broker stores the events of one half while the events of the other half
 * are removed. This is also the maximum of events that are sent twice after a crash.
 */
const maxSending = 256;

export interface RelayDeps extends PublisherDeps {
  sweepLease: Lease;
  broker: Pick<Broker, 'publish' | 'isConnected' | 'onConnect'>;
}

export interface Relay extends OutboxNotifier {
  /** Starts the sweep, which sends what was left by a crash, an outage of the broker or another process. */
  start(): void;
  /**
   * One pass of the sweep: sends every outbox that is due, unless another process is sweeping. Starts no more of them
   * after `signal` has aborted.
   */
  sweep(signal?: AbortSignal): Promise<void>;
  /**
   * Sends what is queued and what is due, and resolves when that is done. When `finish` aborts before, the rest is left to
   * other processes.
   */
  stop(finish?: AbortSignal): Promise<void>;
}

/**
 * Sends the events in the orders' outboxes to the broker: one event of an order at a time, different orders
 * concurrently, the order that has waited longest first. An event is removed from its outbox after the broker has
 * acknowledged it, so it may be sent twice but is never lost.
 *
 * The process that writes into an empty outbox sends that event, and the events that other processes add behind it
 * (docs/decisions/0027). The sweep sends all others. An event that was not acknowledged
 * is due again within a second (outbox-publisher.ts); one that cannot be read waits longer each time (retry-schedule.ts).
 */
export function createRelay(deps: RelayDeps): Relay {
  const { broker, clock, log } = deps;
  const slots = createSendingSlots(maxSending);
  const queue = createSendingQueue({ publisher: createOutboxPublisher(deps), slots, broker, clock });
  const sweep = createSweep({ ...deps, slots, isActive: queue.isActive, send: queue.send });
  let sweeping: ReturnType<typeof repeat> | undefined;

  return {
    leaseExpiresAt: () => (queue.hasRoom() ? outboxLeaseExpiry(clock()) : clock()),
    leaseUpdate: () => (queue.hasRoom() ? leaseOnWrite(clock()) : dueOnWrite(clock())),
    // The event is sent after the response, so without the deadline and the log fields of the request.
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
        log.warn(
          { reason: String(error) },
          'the last sweep failed, the events that are due will be sent later',
        ),
      );
      await queue.drain(finish);
    },
  };
}
