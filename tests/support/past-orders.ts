import mongoose, { type Connection } from 'mongoose';
import type { Order } from '../../src/orders/domain/order.ts';
import type { OrderChange } from '../../src/orders/domain/order-change.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { newId } from './buyer.ts';

/** Orders that are stored without a service, and whose events the broker seems to have acknowledged. */
export function pastOrders(database: Connection) {
  const notifier = leaveToSweep(() => new Date());
  const orders = createOrderStore(orderModel(database), ticketModel(database), notifier);
  const acknowledge = () =>
    database.collection('orders').updateMany({}, { $set: { outbox: [] }, $unset: { relayDueAt: 1 } });
  return {
    orders,
    acknowledge,

    async place(now: Date): Promise<Order> {
      const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
      const placed = transitions.place({ id: newId(), userId: newId(), ticket, holdMs: 900_000 }, { now });
      await orders.insert(placed.order, placed.event);
      await acknowledge();
      return placed.order;
    },

    async change(change: OrderChange): Promise<Order> {
      const order = await orders.apply(change);
      if (typeof order === 'string') throw new Error(`the change is ${order}`);
      await acknowledge();
      return order;
    },

    async remove(id: string): Promise<void> {
      await database.collection('orders').deleteOne({ _id: new mongoose.Types.ObjectId(id) });
    },
  };
}
