import type { Ticket } from '../../tickets/domain/ticket.ts';
import { cutTitle } from '../../tickets/domain/title.ts';
import type { TicketModel, TicketRecord } from '../../tickets/store/ticket-model.ts';
import type { FingerprintedOrder, PendingOrder, PurchaseContext } from '../domain/purchase.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { orderQueries } from './order-queries.ts';
import { toOrder } from './order-record.ts';
import { createPurchaseReader } from './purchase-reader.ts';

/** What of the database a purchase is decided by. */
export interface PurchaseQuery {
  ticketId: string;
  userId: string;
  /** The order to read that the purchase may have written already. */
  orderId?: string | undefined;
  /** How many pending orders of the user to read. */
  maxPending?: number;
}

/** The read before a purchase. Purchases of the same moment read together. */
export function createPurchaseContextStore(orders: OrderModel, tickets: TicketModel) {
  const read = createPurchaseReader(orders, tickets);

  async function findPending(userId: string, limit: number): Promise<OrderRecord[]> {
    if (limit === 0) return [];
    const { filter, sort = {} } = orderQueries.pending(userId);
    return orders.find(filter).sort(sort).limit(limit).lean<OrderRecord[]>();
  }

  return {
    /**
     * The ticket, its present holder and, if asked for, the order of an id and the user's pending orders: queries side
     * by side, so in the time of one.
     */
    async loadPurchaseContext(query: PurchaseQuery): Promise<PurchaseContext> {
      const { ticketId, userId, orderId, maxPending = 0 } = query;
      const [{ ticket, holdingOrder, ownOrder }, pending] = await Promise.all([
        read({ ticketId, orderId }),
        findPending(userId, maxPending),
      ]);
      // One query may see an order that another, a moment earlier, did not: what is in the way may be the order asked for.
      const inTheWay = holdingOrder ? [holdingOrder, ...pending] : pending;
      const own =
        ownOrder ??
        inTheWay.find(({ _id }) => _id.toHexString() === orderId) ??
        // More may be pending than were asked for.
        (maxPending > 0 && pending.length >= maxPending
          ? (await read({ ticketId, orderId })).ownOrder
          : undefined);
      return {
        ...(ticket && { ticket: toTicket(ticket) }),
        ...(holdingOrder && { holdingOrder: toOrder(holdingOrder) }),
        ...(own && { ownOrder: toFingerprintedOrder(own) }),
        pending: pending.map(toPendingOrder),
      };
    },
  };
}

function toTicket({ _id, title, price, version }: TicketRecord): Ticket {
  // A copy, or an update that was parked, may be of a time when longer titles were taken.
  return { id: _id.toHexString(), title: cutTitle(title), price, version };
}

function toFingerprintedOrder(record: OrderRecord): FingerprintedOrder {
  const fingerprint = record.idempotency?.fingerprint;
  return { ...toOrder(record), ...(fingerprint !== undefined && { fingerprint }) };
}

function toPendingOrder(record: OrderRecord): PendingOrder {
  const { pendingSlot } = record;
  return { ...toOrder(record), ...(pendingSlot !== undefined && { pendingSlot }) };
}
