import type { Ticket } from '../../tickets/domain/ticket.ts';
import { cutTitle } from '../../tickets/domain/title.ts';
import type { TicketModel, TicketRecord } from '../../tickets/store/ticket-model.ts';
import { isKeptHold } from '../domain/kept-hold.ts';
import type { EarlierOrder, FingerprintedOrder, PendingOrder, PurchaseContext } from '../domain/purchase.ts';
import { toTicketHold } from './kept-hold-store.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { orderQueries } from './order-queries.ts';
import { toOrder } from './order-record.ts';
import { createPurchaseReader } from './purchase-reader.ts';

/** Selects the stored data that a purchase is decided by. */
export interface PurchaseQuery {
  ticketId: string;
  userId: string;
  /** The order of this purchase, if it may be stored already. */
  orderId?: string | undefined;
  /** How many pending orders of the user to read. */
  maxPending?: number;
  /** How many of the newest orders of the user for the ticket to read. */
  maxEarlierOrders?: number;
  /** Whether these may be left out when other purchases want the ticket at the same moment. */
  mayOmitEarlier?: boolean;
}

/** The read before a purchase. Purchases of the same moment share queries. */
export function createPurchaseContextStore(orders: OrderModel, tickets: TicketModel) {
  const read = createPurchaseReader(orders, tickets);

  async function findPending(userId: string, limit: number): Promise<OrderRecord[]> {
    if (limit === 0) return [];
    const { filter, sort = {} } = orderQueries.pending(userId);
    return orders.find(filter).sort(sort).limit(limit).lean<OrderRecord[]>();
  }

  return {
    /**
     * Reads the ticket, the order that holds it or keeps its hold and, if asked for, the purchase's own order,
     * the user's pending orders and the user's orders for the ticket.
     * The queries run concurrently.
     */
    async loadPurchaseContext(query: PurchaseQuery): Promise<PurchaseContext> {
      const {
        ticketId,
        userId,
        orderId,
        maxPending = 0,
        maxEarlierOrders: limit = 0,
        mayOmitEarlier = false,
      } = query;
      const earlierQuery = limit > 0 ? { userId, ticketId, limit } : undefined;
      const wanted = { ticketId, orderId, earlier: earlierQuery, mayOmitEarlier };
      const [{ ticket, holdingOrder, ownOrder, earlier }, pending] = await Promise.all([
        read(wanted),
        findPending(userId, maxPending),
      ]);
      // The queries read at different moments, so another one may have found the purchase's own order.
      const foundElsewhere = [...(holdingOrder ? [holdingOrder] : []), ...pending, ...(earlier ?? [])];
      const own =
        ownOrder ??
        foundElsewhere.find(({ _id }) => _id.toHexString() === orderId) ??
        // It may be among further pending orders that were not read.
        (maxPending > 0 && pending.length >= maxPending
          ? (await read({ ...wanted, earlier: undefined })).ownOrder
          : undefined);
      return {
        // A withdrawn ticket is as one that there is not.
        ...(ticket && !ticket.withdrawnAt && { ticket: toTicket(ticket) }),
        ...(holdingOrder && toTicketHold(holdingOrder)),
        ...(own && { ownOrder: toFingerprintedOrder(own) }),
        pending: pending.map(toPendingOrder),
        ...(earlier && { earlierOrders: earlier.map(toEarlierOrder) }),
      };
    },
  };
}

function toTicket({ _id, title, price, version }: TicketRecord): Ticket {
  // An older release may have stored a longer title.
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

function toEarlierOrder(record: OrderRecord): EarlierOrder {
  return { ...toOrder(record), isHolding: record.holdsTicket === true && !isKeptHold(record) };
}
