import type { Order } from '../orders/domain/order.ts';
import { isOpenWithin, type OpenRefundRange } from '../orders/domain/refund-reminders.ts';
import { createOpenRefundStore } from '../orders/store/open-refund-store.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { withDatabase } from './connections.ts';
import type { CommandContext } from './exit-codes.ts';
import { readOrProblem } from './read-or-problem.ts';
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
      const open = readOrProblem(() => {
        if ('problem' in one) throw one.problem;
        return openRefundsIn(one.order, range);
      });
      if ('problem' in open) {
        unreadable++;
        await problems.line(`order ${one.id} cannot be read: ${open.problem}`);
      } else for (const refund of open) await rows.row(refund);
    }
    return unreadable > 0 ? 1 : 0;
  });
}

function openRefundsIn({ id, ticket, payments }: Order, range: OpenRefundRange) {
  return payments
    .filter((payment) => isOpenWithin(range, payment))
    .map((payment) => ({
      order: id,
      payment: payment.id,
      charge: payment.stripeChargeId,
      amount: ticket.price,
      reason: payment.refund,
      since: payment.refundDueAt?.toISOString(),
    }));
}
