import type { OutboxNotifier } from '../../outbox/outbox-notifier.ts';
import { createLoader } from '../../platform/mongo/loader.ts';
import type { TicketModel } from '../../tickets/store/ticket-model.ts';
import type { Order } from '../domain/order.ts';
import type { OrderChange } from '../domain/order-change.ts';
import { createChangeStore } from './change-store.ts';
import type { HoldGuard } from './hold-index-store.ts';
import { createKeptHoldStore } from './kept-hold-store.ts';
import { createNewOrderStore } from './new-order-store.ts';
import type { OrderModel } from './order-model.ts';
import { createOrderReadStore } from './order-read-store.ts';
import { ordersById } from './orders-by-id.ts';
import { createOverdueStore } from './overdue-store.ts';
import { createPaymentContextStore } from './payment-context-store.ts';
import { createPurchaseContextStore } from './purchase-context-store.ts';

export type OrderStore = ReturnType<typeof createOrderStore>;

export interface OrderStoreOptions {
  /** Called after each written change, with the order after it. */
  onChange?: (change: OrderChange, order: Order) => void;
  /** Refuses holds while their index is missing; commands take no holds and need none. */
  holds?: HoldGuard;
  /** Unless this is 0, orders that let their ticket go keep their hold for a while (domain/kept-hold.ts). */
  eventSpacingMs?: number;
}

/** The store of orders: the two writes, which notify the relay, and the reads. */
export function createOrderStore(
  orders: OrderModel,
  tickets: TicketModel,
  notifier: OutboxNotifier,
  {
    onChange = () => undefined,
    holds = { throwIfMissing: () => undefined },
    eventSpacingMs = 0,
  }: OrderStoreOptions = {},
) {
  const findOrder = createLoader({ find: ordersById(orders), idOf: ({ _id }) => _id });
  return {
    ...createNewOrderStore(orders, notifier, holds),
    ...createChangeStore({ orders, findOrder, notifier, onChange, holds, eventSpacingMs }),
    ...createOrderReadStore(orders, findOrder),
    ...createPurchaseContextStore(orders, tickets),
    ...createPaymentContextStore(tickets, findOrder),
    ...createOverdueStore(orders),
    ...createKeptHoldStore(orders),
  };
}
