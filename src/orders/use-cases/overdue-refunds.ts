import type { BackgroundIndex } from '../../platform/mongo/background-index.ts';
import { addMs, type Clock } from '../../platform/time/clock.ts';
import type { OpenRefundStore } from '../store/open-refund-store.ts';

export interface OverdueRefundsDeps {
  refunds: Pick<OpenRefundStore, 'countOverdueRefunds'>;
  /** The index of open refunds: without it every count would read all orders. */
  index: Pick<BackgroundIndex, 'isReady'>;
  /** How long after it was asked for a refund is overdue, in milliseconds. */
  alertMs: number;
  clock: Clock;
}

/** The number of orders with an overdue refund, up to 10,000; undefined while the index is missing. */
export async function countOverdueRefunds({
  refunds,
  index,
  alertMs,
  clock,
}: OverdueRefundsDeps): Promise<number | undefined> {
  return index.isReady() ? refunds.countOverdueRefunds(addMs(clock(), -alertMs)) : undefined;
}
