import type { Connection } from 'mongoose';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { keptHoldsOf, orderCollection } from '../../src/orders/store/order-indexes.ts';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { createOutboxStore } from '../../src/orders/store/outbox-store.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { newId } from '../support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../support/running-service.ts';

const now = new Date('2030-01-01T00:00:00Z');
const finished = 200;
let database: Connection;
let asked: Record<string, unknown>[] = [];

beforeAll(async () => {
  const config = testConfig();
  await openDatabase(config);
  database = await watchDatabase(config);
  await ensureIndexes([orderCollection(database), keptHoldsOf(database)]);
  database
    .getClient()
    .on('commandStarted', ({ command }) => void asked.push(command as Record<string, unknown>));

  const orders = createOrderStore(
    orderModel(database),
    ticketModel(database),
    leaveToSweep(() => now),
  );
  for (let count = 0; count < finished; count++) {
    const ticket = { id: newId(), title: 'A', price: 1, version: 0 };
    const { order, event } = transitions.place({ id: newId(), userId: 'u', ticket, holdMs: 1_000 }, { now });
    await orders.insert(order, event);
  }
  await database
    .collection('orders')
    .updateMany({}, { $set: { status: 'paid', outbox: [] }, $unset: { relayDueAt: 1 } });
});

const keptHolds = () =>
  createOrderStore(
    orderModel(database),
    ticketModel(database),
    leaveToSweep(() => now),
  )
    .findKeptHolds(now)
    .next();

const sweeps: [string, string, () => Promise<unknown>][] = [
  ['outboxes', 'outboxes_by_due_time', () => createOutboxStore(orderModel(database)).findDue(now, 10)],
  ['what waits', 'outboxes_by_due_time', () => createOutboxStore(orderModel(database)).backlog()],
  [
    'overdue orders',
    'holds_by_end',
    () => {
      const store = createOrderStore(
        orderModel(database),
        ticketModel(database),
        leaveToSweep(() => now),
      );
      return store.findOverdue({ until: now }).next();
    },
  ],
  ['kept holds that are over', 'kept_holds_by_end', keptHolds],
];

test.each(sweeps)(
  'When orders are finished, then the query for %s does not read them',
  async (_, index, sweep) => {
    asked = [];
    await sweep();
    const finds = asked.filter((command) => command['find'] === 'orders');
    expect(finds).not.toEqual([]);
    for (const { find, filter, sort, limit } of finds) {
      const explained = await database.db?.command({
        explain: { find, filter, sort, limit },
        verbosity: 'executionStats',
      });
      expect(JSON.stringify(explained)).toContain(index);
      expect(explained?.['executionStats']).toMatchObject({ totalDocsExamined: 0 });
    }
  },
);
