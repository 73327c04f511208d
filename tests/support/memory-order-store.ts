import { holdsTicket, type Order } from '../../src/orders/domain/order.ts';
import type { OrderChange } from '../../src/orders/domain/order-change.ts';
import type { OrderEvent } from '../../src/orders/domain/order-event-schemas.ts';
import type { OrderStore } from '../../src/orders/store/order-store.ts';
import type { PendingOrder, StoredOrder } from '../../src/orders/store/purchase-store.ts';
import type { Ticket } from '../../src/tickets/domain/ticket.ts';

type Kept = StoredOrder & PendingOrder;

/** What one order's use cases need of the store. Those that go over many orders are tested over a database. */
type OneOrder = Pick<OrderStore, 'findById' | 'findHolder' | 'loadPurchaseContext' | 'insert' | 'apply'>;

/** A model of the order store: the same promises, kept in memory. `events` are those of the writes, in order. */
export function memoryOrderStore(...tickets: Ticket[]) {
  const orders = new Map<string, Kept>();
  const events: OrderEvent[] = [];
  const all = (matches: (order: Kept) => boolean) => [...orders.values()].filter(matches);
  const holderOf = (ticketId: string) =>
    all((order) => order.ticketId === ticketId && holdsTicket(order.status))[0];

  const store: OneOrder = {
    findById: async (id) => orders.get(id),
    findHolder: async (ticketId) => holderOf(ticketId),
    async loadPurchaseContext({ ticketId, userId, orderId, pending = 0 }) {
      const ticket = tickets.find(({ id }) => id === ticketId);
      const holder = holderOf(ticketId);
      const own = orderId === undefined ? undefined : orders.get(orderId);
      const awaiting = all((order) => order.userId === userId && order.status === 'pending');
      return {
        ...(ticket && { ticket }),
        ...(holder && { holder }),
        ...(own && { own }),
        pending: awaiting.slice(0, pending),
      };
    },
    async insert(order, event, { idempotency, pendingSlot } = {}) {
      const slotTaken =
        all((one) => one.userId === order.userId && one.pendingSlot === pendingSlot).length > 0;
      if (orders.has(order.id) || holderOf(order.ticketId)) return 'refused';
      if (pendingSlot !== undefined && slotTaken) return 'refused';
      orders.set(order.id, {
        ...order,
        ...(idempotency && { fingerprint: idempotency.fingerprint }),
        ...(pendingSlot !== undefined && { pendingSlot }),
      });
      events.push(event);
      return 'written';
    },
    async apply(change) {
      const { from, status, payment, event } = change;
      const order = orders.get(from.id);
      if (order?.status !== from.status || order.version !== from.version) return 'outdated';
      if (order.payments.some(({ id }) => id === payment?.id)) return 'outdated';
      const holder = holderOf(order.ticketId);
      if (status && holdsTicket(status.status) && holder && holder.id !== order.id) return 'ticket_taken';
      const after = changed(order, change);
      orders.set(order.id, after);
      events.push(event);
      return after;
    },
  };
  return {
    store: store as OrderStore,
    events,
    put: (...given: Kept[]) => {
      for (const order of given) orders.set(order.id, order);
    },
    order: (id: string) => orders.get(id),
    orders: () => [...orders.values()],
  };
}

/** What the store's write makes of an order. */
export function changed(order: Order, { status, payment }: OrderChange): Order {
  const { pendingSlot: _free, ...rest }: Kept = order;
  return {
    ...(status ? rest : order),
    ...(status && { status: status.status, version: order.version + 1, history: [...order.history, status] }),
    ...(payment && { payments: [...order.payments, payment] }),
  };
}
