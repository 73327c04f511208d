import mongoose, { type Connection } from 'mongoose';
import pino from 'pino';
import type { Order } from '../../src/orders/domain/order.ts';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { type OrderRecord, orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { cancelOrder } from '../../src/orders/use-cases/cancel-order.ts';
import type { ExpireOrdersDeps } from '../../src/orders/use-cases/expire-each.ts';
import { type ExtendOrderDeps, extendOrder } from '../../src/orders/use-cases/extend-order.ts';
import { type PlaceOrderDeps, placeOrder } from '../../src/orders/use-cases/place-order.ts';
import { type SettlePaymentDeps, settlePayment } from '../../src/orders/use-cases/settle-payment.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { createRetrySchedule } from '../../src/platform/time/retry-schedule.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { newId, storeTicket } from './buyer.ts';
import { openDatabase, type TestConfig, testConfig, watchDatabase } from './running-service.ts';

/** What a replica carries requests, messages and passes out with. */
export type Replica = PlaceOrderDeps & ExtendOrderDeps & SettlePaymentDeps & ExpireOrdersDeps;

/** When every order is placed. */
const start = Date.parse('2030-01-01T00:00:00Z');
export const holdMs = 60_000;
/** When every hold ends that nobody has extended. */
export const end = start + holdMs;

/**
 * Two replicas on one database, each with a connection of its own. At the end of the holds the clock of one of them is a
 * millisecond behind: it still extends holds, while for the other they are over.
 */
export interface ExtendingReplicas {
  slow: Replica;
  fast: Replica;
  /** A pending order of a buyer of its own. */
  hold(): Promise<Order>;
  newTicket(): Promise<string>;
  stored(order: { id: string }): Promise<OrderRecord>;
}

export async function startExtendingReplicas(): Promise<ExtendingReplicas> {
  const config = testConfig();
  const database = await openDatabase(config);
  await ensureIndexes([orderCollection(database)]);
  const slow = await replicaAt(config, end - 1);
  const early: Replica = { ...slow, clock: () => new Date(start) };
  return {
    slow,
    fast: await replicaAt(config, end),
    async hold() {
      const ticketId = await storeTicket(database);
      const outcome = await placeOrder(early, { userId: newId(), ticketId });
      if (outcome.kind !== 'placed') throw new Error(outcome.kind);
      return outcome.order;
    },
    newTicket: () => storeTicket(database),
    async stored({ id }) {
      const _id = new mongoose.Types.ObjectId(id);
      const record = await database.collection<OrderRecord>('orders').findOne({ _id });
      if (!record) throw new Error(`there is no order ${id}`);
      return record;
    },
  };
}

async function replicaAt(config: TestConfig, time: number): Promise<Replica> {
  const database: Connection = await watchDatabase(config);
  const clock = () => new Date(time);
  return {
    orders: createOrderStore(orderModel(database), ticketModel(database), leaveToSweep(clock)),
    ...{ clock, holdMs, extensionMs: holdMs, holdLimitMs: 4 * holdMs, latePayment: 'hold_again' },
    retries: createRetrySchedule({ kind: 'overdue order', clock, log: pino({ level: 'silent' }) }),
  };
}

export const extend = (replica: Replica, { id, userId }: Order) =>
  extendOrder(replica, { userId, orderId: id });
export const pay = (replica: Replica, { id }: Order) => settlePayment(replica, id, { id: newId() });
export const cancel = (replica: Replica, { id, userId }: Order) =>
  cancelOrder(replica, { userId, orderId: id });

/** The same replica, in which `before` happens between the first decision about this order and its write. */
export function interrupted(replica: Replica, { id }: Order, before: () => Promise<unknown>): Replica {
  let isFirst = true;
  const apply: Replica['orders']['apply'] = async (change, ...rest) => {
    if (isFirst && change.expected.id === id) {
      isFirst = false;
      await before();
    }
    return replica.orders.apply(change, ...rest);
  };
  return { ...replica, orders: { ...replica.orders, apply } };
}

/** Until when a hold stands that the slow replica has extended. */
export const extendedTo = new Date(end - 1 + holdMs);

/** The order was extended once, by the slow replica, and is `status` since; its events are in order. */
export async function expectExtended(
  { stored }: ExtendingReplicas,
  held: Order,
  status = 'pending',
): Promise<void> {
  const record = await stored(held);
  expect(record).toMatchObject({ status, expiresAt: extendedTo });
  expect(record.extensions).toEqual([{ n: 1, at: new Date(end - 1), from: held.expiresAt, to: extendedTo }]);
  const ids = ['0', 'extension:1', ...(status === 'pending' ? [] : ['1'])];
  expect(record.outbox.map(({ eventId }) => eventId)).toEqual(ids.map((one) => `${held.id}:${one}`));
}
