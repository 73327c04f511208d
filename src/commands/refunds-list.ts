import { isOpenWithin } from '../orders/domain/refund-reminders.ts';
import { createOpenRefundStore } from '../orders/store/open-refund-store.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { withDatabase } from './connections.ts';
import type { CommandContext } from './exit-codes.ts';
import type { RefundsRequest } from './refunds-arguments.ts';
import { createRows } from './rows.ts';

const columns = { order: 24, payment: 24, charge: 27, amount: 8, reason: 15, since: 24 };

/** Prints the open refunds. Resolves with the exit code: 1 when an order cannot be read; it is named, and the others follow. */
export function listRefunds(
  { out, problems, signal, ...context }: CommandContext,
  { format, ...range }: Extract<RefundsRequest, { command: 'list' }>,
): Promise<number> {
  return withDatabase({ ...context, signal }, async (database) => {
    const rows = createRows(out, format, columns);
    let unreadable = 0;
    await rows.head();
    for await (const one of createOpenRefundStore(orderModel(database)).withOpenRefunds(range)) {
      signal.throwIfAborted();
      if ('problem' in one) {
        unreadable++;
        await problems.line(`order ${one.id} cannot be read: ${(one.problem as Error).message}`);
        continue;
      }
      const { order } = one;
      for (const payment of order.payments.filter((each) => isOpenWithin(range, each)))
        await rows.row({
          order: order.id,
          payment: payment.id,
          charge: payment.stripeChargeId,
          amount: order.ticket.price,
          reason: payment.refund,
          since: payment.refundDueAt?.toISOString(),
        });
    }
    return unreadable > 0 ? 1 : 0;
  });
}
