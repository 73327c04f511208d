import mongoose from 'mongoose';
import pino from 'pino';
import type { Order } from '../../src/orders/domain/order.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { type OrderModel, orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import type { ExpireOrdersDeps } from '../../src/orders/use-cases/expire-each.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { createRetrySchedule } from '../../src/platform/time/retry-schedule.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { newId } from './buyer.ts';
import { openDatabase, testConfig } from './running-service.ts';

/** When an order is placed of which nothing else is said, and for how long it holds its ticket. */
export const start = new Date('2030-01-01T00:00:00Z');
export const holdMs = 1_000;

/** Orders in a database of their own, what expires them, and the clock. */
export interface ExpiringOrders {
  now: Date;
  deps: ExpireOrdersDeps;
  model: OrderModel;
  /** What the process has logged since it was started. */
  logged: Record<string, unknown>[];
  /** As another process that has just been started: it knows of no failures. */
  restart(): void;
  /** No orders, and the time of the start. */
  reset(): Promise<void>;
  place(placedAt?: Date): Promise<Order>;
  /** Many at once, past the service; `fields` stand in the place of what is usual. Resolves with their ids. */
  storeMany(count: number, fields?: Record<string, unknown>): Promise<string[]>;
  statusOf(order: { id: string }): Promise<string | undefined>;
}

export async function startExpiringOrders(): Promise<ExpiringOrders> {
  const database = await openDatabase(testConfig());
  await ensureIndexes([orderCollection(database)]);
  const model = orderModel(database);
  const clock = () => rig.now;
  const orders = createOrderStore(model, ticketModel(database), leaveToSweep(clock));
  const log = pino({}, { write: (line: string) => void rig.logged.push(JSON.parse(line)) });
  const newRetries = () => createRetrySchedule({ kind: 'overdue order', clock, log });
  const rig: ExpiringOrders = {
    now: start,
    deps: { orders, clock, retries: newRetries() },
    model,
    logged: [],
    restart() {
      rig.logged = [];
      rig.deps = { ...rig.deps, retries: newRetries() };
    },
    async reset() {
      rig.now = start;
      rig.restart();
      await model.deleteMany({});
    },
    async place(placedAt = start) {
      const { order, event } = newOrder(placedAt);
      await orders.insert(order, event);
      return order;
    },
    async storeMany(count, fields = {}) {
      const records = Array.from({ length: count }, () => ({
        ...recordOf(newOrder(start).order),
        ...fields,
      }));
      for (let first = 0; first < count; first += 1_000)
        await model.collection.insertMany(records.slice(first, first + 1_000));
      return records.map(({ _id }) => String(_id));
    },
    statusOf: async ({ id }) => (await orders.findById(id))?.status,
  };
  return rig;
}

function newOrder(placedAt: Date) {
  const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
  return transitions.place({ id: newId(), userId: 'u1', ticket, holdMs }, { now: placedAt });
}

function recordOf({ id, ticketId, ...rest }: Order) {
  const { ObjectId } = mongoose.Types;
  return {
    _id: new ObjectId(id),
    ticketId: new ObjectId(ticketId),
    holdsTicket: true as const,
    outbox: [],
    ...rest,
  };
}
