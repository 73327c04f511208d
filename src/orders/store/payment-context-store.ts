import { createBatcher } from '../../platform/mongo/batcher.ts';
import { createLoader, inOneBatch } from '../../platform/mongo/loader.ts';
import type { TicketModel, TicketRecord } from '../../tickets/store/ticket-model.ts';
import type { Order } from '../domain/order.ts';
import type { OrderRecord } from './order-model.ts';
import { toOrder } from './order-record.ts';

/** The stored data that a payment is decided by. */
export interface PaymentContext {
  /** Absent when there is no such order. */
  order?: Order;
  /** Whether an operator has taken the order's ticket from sale. */
  isWithdrawn: boolean;
}

/** A range, because not every server uses the sparse index for `$exists`. */
const isWithdrawn = { withdrawnAt: { $gt: new Date(0) } };

type WithdrawnRecord = Pick<TicketRecord, '_id'>;

/** The read before a payment. Payments of the same moment share queries. */
export function createPaymentContextStore(
  tickets: TicketModel,
  findOrder: (id: string) => Promise<OrderRecord | undefined>,
) {
  const isAnyWithdrawn = createBatcher({
    async runBatch(asking: undefined[]) {
      const found = await tickets.find(isWithdrawn, { _id: 1 }).limit(1).lean<WithdrawnRecord[]>();
      return asking.map(() => found.length > 0);
    },
  });
  const findWithdrawn = createLoader({
    find: (ids) =>
      tickets
        .find({ _id: { $in: ids }, ...isWithdrawn }, { _id: 1 })
        .batchSize(inOneBatch(ids.length))
        .lean<WithdrawnRecord[]>(),
    idOf: ({ _id }) => _id,
  });

  return {
    /**
     * Reads an order, and whether its ticket is withdrawn. Which ticket it is, only the order says; so that payments wait once,
     * the first question, beside the read of the order, is whether any ticket is withdrawn (docs/decisions/0070).
     */
    async loadPaymentContext(orderId: string): Promise<PaymentContext> {
      const [record, isAny] = await Promise.all([findOrder(orderId), isAnyWithdrawn(undefined)]);
      if (!record) return { isWithdrawn: false };
      const order = toOrder(record);
      return { order, isWithdrawn: isAny && (await findWithdrawn(order.ticketId)) !== undefined };
    },
  };
}
