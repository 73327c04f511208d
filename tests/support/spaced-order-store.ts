import type { KeptHold } from '../../src/orders/domain/kept-hold.ts';
import type { Order } from '../../src/orders/domain/order.ts';
import type { OrderStore } from '../../src/orders/store/order-store.ts';
import type { memoryOrderStore } from './memory-order-store.ts';

/** The model of the order store as a process with a spacing has it: an order that lets its ticket go keeps its hold. */
export function spacedOrderStore({ store: unspaced, order }: ReturnType<typeof memoryOrderStore>) {
  const kept = new Map<string, KeptHold>();
  const end = (keptHold: KeptHold) => void kept.delete(order(keptHold.orderId)?.ticketId ?? '');
  const keptOf = (ticketId: string) => {
    const keptHold = kept.get(ticketId);
    return keptHold && { keptHold };
  };
  const keep = ({ ticketId, id: orderId, status, version }: Order) => {
    if (status !== 'cancelled' && status !== 'expired') throw new Error(`${orderId} is ${status}`);
    kept.set(ticketId, { orderId, status, version, until: undefined, isEventPending: true });
  };

  const store: OrderStore = {
    ...unspaced,
    findTicketHold: async (ticketId) => keptOf(ticketId) ?? unspaced.findTicketHold(ticketId),
    loadPurchaseContext: async (query) => ({
      ...(await unspaced.loadPurchaseContext(query)),
      ...keptOf(query.ticketId),
    }),
    insert: async (placed, ...rest) =>
      kept.has(placed.ticketId) ? 'refused' : unspaced.insert(placed, ...rest),
    async apply(change, ended) {
      if (ended) end(ended);
      const ticketId = order(change.expected.id)?.ticketId;
      if (change.set?.holdsTicket && ticketId !== undefined && kept.has(ticketId)) return 'ticket_taken';
      const after = await unspaced.apply(change);
      if (typeof after === 'object' && change.unset?.includes('holdsTicket')) keep(after);
      return after;
    },
    endKeptHold: async (keptHold) => end(keptHold),
    async storeKeptUntil(keptHold, until) {
      const ticketId = order(keptHold.orderId)?.ticketId ?? '';
      kept.set(ticketId, { ...keptHold, until });
    },
  };
  return {
    store,
    keptOf: (ticketId: string) => kept.get(ticketId),
    /** The `order:cancelled` of the order has left; without an end a process without a spacing has sent it. */
    eventLeft(ticketId: string, until?: Date) {
      const keptHold = kept.get(ticketId);
      if (!keptHold) throw new Error(`nobody keeps ${ticketId}`);
      kept.set(ticketId, { ...keptHold, until, isEventPending: false });
    },
  };
}
