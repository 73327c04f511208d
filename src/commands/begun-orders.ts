import type { RepublishStep } from '../orders/use-cases/republish-order.ts';
import { sleep } from '../platform/time/repeat.ts';

/** Each has its stored document in memory, a few kilobytes. At a spacing of 6 s they allow for 166 events a second. */
export const maxResting = 1_000;

export type ReportedStep = Exclude<RepublishStep, { kind: 'rests' }>;

/** An order whose events are being sent again. */
export interface BegunOrder {
  id: string;
  steps: AsyncIterator<RepublishStep>;
  /** Whether it is counted among the orders of which something was sent. */
  isCounted: boolean;
}

/**
 * Sends one event at a time: an order that rests lets others go on, and goes on itself as soon as its time has come. All
 * rest for the same time, so the first to rest is the first to go on. A rest is never cut short, also when the process is to
 * end.
 */
export function createBegunOrders(report: (order: BegunOrder, step: ReportedStep) => Promise<void>) {
  const resting: { order: BegunOrder; until: number }[] = [];

  async function proceed(order: BegunOrder): Promise<void> {
    for (;;) {
      const next = await order.steps.next();
      if (next.done) return;
      const step = next.value;
      if (step.kind === 'rests') {
        resting.push({ order, until: performance.now() + step.milliseconds });
        return;
      }
      await report(order, step);
    }
  }

  /** Lets the orders go on whose time has come, and waits until no more than `max` rest. */
  async function resume(max: number): Promise<void> {
    for (let first = resting[0]; first; first = resting[0]) {
      const leftMs = first.until - performance.now();
      if (leftMs > 0 && resting.length <= max) return;
      // A timer may fire a fraction of a millisecond early.
      if (leftMs > 0) await sleep(Math.ceil(leftMs) + 1);
      resting.shift();
      await proceed(first.order);
    }
  }

  return {
    /** Sends the first events of an order, those up to its first rest. */
    async begin(order: BegunOrder): Promise<void> {
      await resume(maxResting - 1);
      await proceed(order);
    },

    /** Resolves when all orders are finished. */
    finish: () => resume(0),
  };
}
