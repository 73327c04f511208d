import { holdsTicket, type Order } from '../../src/orders/domain/order.ts';
import type { OrderChange, PaymentUpdate } from '../../src/orders/domain/order-change.ts';
import type { OrderEvent } from '../../src/orders/domain/order-events.ts';
import type { EarlierOrder, FingerprintedOrder, PendingOrder } from '../../src/orders/domain/purchase.ts';
import type { OrderStore } from '../../src/orders/store/order-store.ts';
import type { Ticket } from '../../src/tickets/domain/ticket.ts';

type Kept = FingerprintedOrder & PendingOrder;

/** What one order's use cases need of the store. Those that go over many orders are tested over a database. */
type OneOrder = Pick<
  OrderStore,
  'findById' | 'findTicketHold' | 'loadPurchaseContext' | 'loadPaymentContext' | 'insert' | 'apply'
>;

/** A model of the order store without a spacing: the same promises, kept in memory. `events` are those of the writes, in order. */
export function memoryOrderStore(...tickets: Ticket[]) {
  const orders = new Map<string, Kept>();
  const withdrawn = new Set<string>();
  const events: OrderEvent[] = [];
  const all = (matches: (order: Kept) => boolean) => [...orders.values()].filter(matches);
  const holderOf = (ticketId: string) =>
    all((order) => order.ticketId === ticketId && holdsTicket(order.status))[0];

  const store: OneOrder = {
    findById: async (id) => orders.get(id),
    async findTicketHold(ticketId) {
      const holdingOrder = holderOf(ticketId);
      return holdingOrder ? { holdingOrder } : {};
    },
    async loadPurchaseContext({ ticketId, userId, orderId, maxPending = 0, maxEarlierOrders = 0 }) {
      const ticket = tickets.find(({ id }) => id === ticketId && !withdrawn.has(id));
      const holdingOrder = holderOf(ticketId);
      const ownOrder = orderId === undefined ? undefined : orders.get(orderId);
      const awaiting = all((order) => order.userId === userId && order.status === 'pending');
      return {
        ...(ticket && { ticket }),
        ...(holdingOrder && { holdingOrder }),
        ...(ownOrder && { ownOrder }),
        pending: awaiting.slice(0, maxPending),
        ...(maxEarlierOrders > 0 && {
          earlierOrders: all((order) => order.userId === userId && order.ticketId === ticketId)
            .toReversed()
            .slice(0, maxEarlierOrders)
            .map((order): EarlierOrder => ({ ...order, isHolding: holdsTicket(order.status) })),
        }),
      };
    },
    async loadPaymentContext(orderId) {
      const order = await store.findById(orderId);
      return { ...(order && { order }), isWithdrawn: order !== undefined && withdrawn.has(order.ticketId) };
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
      const { expected, set } = change;
      const order = orders.get(expected.id);
      if (order?.status !== expected.status || order.version !== expected.version) return 'outdated';
      if (order.payments.some(({ id }) => id === expected.withoutPayment)) return 'outdated';
      if (change.payment && !isUnwritten(order, change.payment)) return 'outdated';
      if (expected.expiresAt && order.expiresAt.getTime() !== expected.expiresAt.getTime()) return 'outdated';
      const holder = holderOf(order.ticketId);
      if (set?.holdsTicket && holder && holder.id !== order.id) return 'ticket_taken';
      const after = changed(order, change);
      orders.set(order.id, after);
      events.push(...change.events);
      return after;
    },
  };
  return {
    store: store as OrderStore,
    events,
    put: (...given: Kept[]) => {
      for (const order of given) orders.set(order.id, order);
    },
    withdraw: (ticketId: string) => void withdrawn.add(ticketId),
    order: (id: string) => orders.get(id),
    orders: () => [...orders.values()],
  };
}

function isUnwritten({ payments }: Order, { index, id, set }: PaymentUpdate): boolean {
  const payment = payments[index];
  return payment?.id === id && Object.keys(set).every((field) => !(field in payment));
}

/** What the store's write makes of an order. */
export function changed(order: Order, change: OrderChange): Order {
  const { set, unset = [], push, payment: update, namePayment: named } = change;
  const { pendingSlot, ...rest }: Kept = order;
  const keepsSlot = pendingSlot !== undefined && !unset.includes('pendingSlot');
  const history = order.history.map((entry, index) =>
    index === named?.index ? { ...entry, paymentId: named.paymentId } : entry,
  );
  const payments = order.payments.map((payment, index) =>
    index === update?.index ? { ...payment, ...update.set } : payment,
  );
  return {
    ...rest,
    ...(keepsSlot && { pendingSlot }),
    ...(set?.status && { status: set.status }),
    ...(set?.expiresAt && { expiresAt: set.expiresAt }),
    version: order.version + (push.history ? 1 : 0),
    history: [...history, ...(push.history ? [push.history] : [])],
    payments: [...payments, ...(push.payments ? [push.payments] : [])],
    extensions: [...order.extensions, ...(push.extensions ? [push.extensions] : [])],
  };
}
