import type { Connection } from 'mongoose';
import { classicAckWaitMs } from '../../dev/stand-ins/classic-peer.ts';
import { orderModel } from '../../src/orders/store/order-model.ts';
import type { ClassicMarketplace } from './classic-marketplace.ts';
import { eventually } from './eventually.ts';

/** What a load beside classic peers has left behind. */
interface Outcome {
  /** Tickets that are locked for an order that does not hold them, with what became of it. */
  staleLocks: { ticketId: string; orderId: string; status: string | undefined }[];
  /** Orders that hold a ticket which is not locked for them; won back by a late payment is another matter. */
  unlocked: { ticketId: string; orderId: string }[];
  /** Charges that came while their order was pending, and have not paid for it. */
  lostCharges: string[];
  orders: number;
  paid: number;
}

interface OutcomeDeps extends ClassicMarketplace {
  database: Connection;
}

/** Resolves once all events have left, no hold is kept, and the tickets service has nothing that may come again. */
export async function untilSettled({ database, tickets, payments }: OutcomeDeps): Promise<void> {
  const orders = orderModel(database);
  const isSettled = async () => {
    const [unsent, pending, kept] = await Promise.all([
      orders.countDocuments({ relayDueAt: { $gt: new Date(0) } }),
      orders.countDocuments({ status: 'pending' }),
      orders.countDocuments({ holdsTicket: true, status: { $in: ['cancelled', 'expired'] } }),
    ]);
    const paid = await orders.find({}, { payments: 1 }).lean();
    const settled = new Set(paid.flatMap(({ payments }) => payments.map(({ id }) => id)));
    const unsettled = payments.charges().filter(({ id }) => !settled.has(id)).length;
    const quietMs = performance.now() - tickets.peer.lastActiveAt();
    // Thrown, so that a time-out says what was still under way.
    if (unsent + pending + kept + unsettled > 0 || quietMs < classicAckWaitMs + 2_000)
      throw new Error(`under way: ${JSON.stringify({ unsent, pending, kept, unsettled, quietMs })}`);
    return true;
  };
  await eventually(isSettled, { withinMs: 120_000, everyMs: 500 });
}

export async function findOutcome({ database, tickets, payments }: OutcomeDeps): Promise<Outcome> {
  const orders = await orderModel(database).find().lean();
  const byId = new Map(orders.map((order) => [order._id.toHexString(), order]));
  const holding = orders.filter(({ status }) => status === 'pending' || status === 'paid');
  const all = await tickets.list();
  const lockedFor = new Map(all.map(({ id, orderId }) => [id, orderId]));
  const staleLocks = all.flatMap(({ id, orderId }) => {
    const status = orderId === null ? undefined : byId.get(orderId)?.status;
    return orderId === null || status === 'paid' || status === 'pending'
      ? []
      : [{ ticketId: id, orderId, status }];
  });
  const withoutExpiry = holding.filter(({ history }) => !history.some(({ status }) => status === 'expired'));
  const unlocked = withoutExpiry
    .map(({ _id, ticketId }) => ({ orderId: _id.toHexString(), ticketId: ticketId.toHexString() }))
    .filter(({ orderId, ticketId }) => lockedFor.get(ticketId) !== orderId);
  const lostCharges = payments.charges().filter(({ id, orderId }) => {
    const order = byId.get(orderId);
    const payment = order?.payments.find((settled) => settled.id === id);
    if (!order || !payment) return true;
    const before = order.history.filter(({ at }) => at < payment.at).at(-1)?.status;
    return before === 'pending' && (order.status !== 'paid' || payment.refund !== undefined);
  });
  return {
    staleLocks,
    unlocked,
    lostCharges: lostCharges.map(({ id }) => id),
    orders: orders.length,
    paid: orders.filter(({ status }) => status === 'paid').length,
  };
}
