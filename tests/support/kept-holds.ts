import mongoose, { type Connection } from 'mongoose';
import type { Order } from '../../src/orders/domain/order.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { keptHoldsOf, orderCollection } from '../../src/orders/store/order-indexes.ts';
import { type OrderModel, type OrderRecord, orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore, type OrderStore } from '../../src/orders/store/order-store.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { newId, storeTicket } from './buyer.ts';
import { openDatabase, testConfig } from './running-service.ts';

export const spacingMs = 6_000;
export const holdMs = 900_000;
/** When orders are placed. */
export const start = new Date('2030-01-01T00:00:00Z');
export const at = (ms: number) => new Date(start.getTime() + ms);

/** Orders that let their tickets go, in a database of their own. Nothing is sent and no loop runs. */
export interface KeptHolds {
  now: Date;
  database: Connection;
  model: OrderModel;
  /** The store of a process with the spacing. */
  orders: OrderStore;
  /** The store of a process without one. */
  unspaced: OrderStore;
  place(): Promise<Order>;
  /** An order that is cancelled, and keeps its hold, with its events still to be sent; `fields` replace those stored. */
  keep(fields?: Partial<OrderRecord>): Promise<Order>;
  /** The same, as a process leaves it that has sent the events and knows of no spacing. */
  keepWithoutEnd(): Promise<Order>;
  stored(order: { id: string }): Promise<OrderRecord | null>;
}

/** To be called once, by a test file, outside of its tests. */
export function useKeptHolds(): KeptHolds {
  const rig: KeptHolds = {
    now: start,
    async place() {
      const [id, userId, ticketId] = [newId(), newId(), await storeTicket(rig.database)];
      const ticket = { id: ticketId, title: 'Concert', price: 20, version: 0 };
      const { order, event } = transitions.place({ id, userId, ticket, holdMs }, { now: start });
      await rig.orders.insert(order, event);
      return order;
    },
    async keep(fields = {}) {
      const kept = await rig.orders.apply(transitions.cancel(await rig.place(), { now: start }));
      if (typeof kept !== 'object') throw new Error(kept);
      await rig.model.collection.updateOne(
        { _id: new mongoose.Types.ObjectId(kept.id) },
        { $set: { version: 1, ...fields } },
      );
      return kept;
    },
    async keepWithoutEnd() {
      const kept = await rig.keep({ outbox: [] });
      await rig.model.updateOne({ _id: kept.id }, { $unset: { relayDueAt: 1 } });
      return kept;
    },
    stored: ({ id }: { id: string }) => rig.model.findById(id).lean<OrderRecord>(),
  } as unknown as KeptHolds;
  beforeAll(async () => {
    rig.database = await openDatabase(testConfig());
    await ensureIndexes([orderCollection(rig.database), keptHoldsOf(rig.database)]);
    rig.model = orderModel(rig.database);
    const parts = [rig.model, ticketModel(rig.database), leaveToSweep(() => rig.now)] as const;
    rig.orders = createOrderStore(...parts, { eventSpacingMs: spacingMs });
    rig.unspaced = createOrderStore(...parts);
  });
  beforeEach(async () => {
    rig.now = start;
    await rig.model.deleteMany({});
  });
  return rig;
}
