import type { Connection } from 'mongoose';
import { newId } from '../../tests/support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../../tests/support/running-service.ts';
import { ensureIndexes } from '../database/indexes.ts';
import { placed } from '../orders/order-change.ts';
import { orderCollection, orderModel } from '../orders/order-model.ts';
import { createOrderStore } from '../orders/order-store.ts';
import { ticketModel } from '../tickets/ticket-model.ts';
import { leaveToSweep } from './outbox-notifier.ts';
import { createOutboxStore } from './outbox-store.ts';

const now = new Date('2030-01-01T00:00:00Z');
const finished = 200;
let database: Connection;
let asked: Record<string, unknown>[] = [];

beforeAll(async () => {
  const config = testConfig();
  await openDatabase(config);
  database = await watchDatabase(config);
  await ensureIndexes([orderCollection(database)]);
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
    const { order, event } = placed({ id: newId(), userId: 'u', ticket, holdMs: 1_000 }, { now });
    await orders.insert(order, event);
  }
  await database
    .collection('orders')
    .updateMany({}, { $set: { status: 'paid', outbox: [] }, $unset: { relayDueAt: 1 } });
});

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
];

test.each(sweeps)(
  'When orders are finished, then a look for %s does not see them',
  async (_, index, sweep) => {
    asked = [];
    await sweep();
    const [find] = asked.filter((command) => command['find'] === 'orders');
    const { find: collection, filter, sort, limit } = find ?? {};
    const explained = await database.db?.command({
      explain: { find: collection, filter, sort, limit },
      verbosity: 'executionStats',
    });
    expect(JSON.stringify(explained)).toContain(index);
    expect(explained?.['executionStats']).toMatchObject({ totalDocsExamined: 0 });
  },
);
