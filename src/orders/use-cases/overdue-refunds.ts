import { createBackgroundIndex } from '../../platform/mongo/background-index.ts';
import { addMs, type Clock } from '../../platform/time/clock.ts';
import type { OpenRefundStore } from '../store/open-refund-store.ts';

export interface OverdueRefundsDeps {
  refunds: Pick<OpenRefundStore, 'isIndexThere' | 'countOverdueRefunds'>;
  /** Builds the index of open refunds, without a time limit. */
  buildIndex: () => Promise<void>;
  /** How long after it was asked for a refund is overdue, in milliseconds. */
  alertMs: number;
  clock: Clock;
}

export type OverdueRefunds = ReturnType<typeof watchOverdueRefunds>;

/**
 * Counts the overdue refunds, once their index is there. It is built beside the service: nothing but this count needs it,
 * and without it every count would read all orders.
 */
export function watchOverdueRefunds({ refunds, buildIndex, alertMs, clock }: OverdueRefundsDeps) {
  const index = createBackgroundIndex({
    isThere: false,
    isThereNow: refunds.isIndexThere,
    build: buildIndex,
  });
  return {
    /** One check of the index, which is built if it is missing. @throws when it cannot be built */
    checkIndex: index.check,

    /** The number of orders with an overdue refund, up to 10,000; undefined while the index is missing. */
    async count(): Promise<number | undefined> {
      return index.isReady() ? refunds.countOverdueRefunds(addMs(clock(), -alertMs)) : undefined;
    },
  };
}
