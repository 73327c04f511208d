import type { mongo } from 'mongoose';
import type { Order } from '../../src/orders/domain/order.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { createOutboxStore, type OutboxStore } from '../../src/orders/store/outbox-store.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { newId } from '../support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../support/running-service.ts';

/** Without `EVENT_SPACING_SECONDS` the outboxes are read and written as they were before there was such a setting. */

const now = new Date('2030-01-01T00:00:00Z');
const leaseExpiresAt = new Date('2030-01-01T00:00:10Z');
let outboxes: OutboxStore;
let orders: ReturnType<typeof createOrderStore>;
let commands: mongo.Document[] = [];

beforeAll(async () => {
  const config = testConfig();
  await ensureIndexes([orderCollection(await openDatabase(config))]);
  const watched = await watchDatabase(config);
  watched.getClient().on('commandStarted', ({ command }) => void commands.push(command as mongo.Document));
  outboxes = createOutboxStore(orderModel(watched));
  orders = createOrderStore(
    orderModel(watched),
    ticketModel(watched),
    leaveToSweep(() => now),
  );
});

async function place(): Promise<Order> {
  const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
  const { order, event } = transitions.place({ id: newId(), userId: 'u1', ticket, holdMs: 1_000 }, { now });
  await orders.insert(order, event);
  return order;
}

/** What has left for the database, as text and without what differs from call to call. */
async function commandsOf(act: () => Promise<unknown>, known: Record<string, string>): Promise<string> {
  commands = [];
  await act();
  const text = JSON.stringify(
    commands.map(
      ({ lsid: _session, $db: _database, $clusterTime: _time, txnNumber: _number, ...rest }) => rest,
    ),
  );
  return Object.entries(known)
    .reduce((shown, [id, name]) => shown.replaceAll(id, name), text)
    .replaceAll(/[0-9a-f]{24}/g, 'SENDER');
}

test('When there is no spacing, then acknowledged events are removed by the same commands as before', async () => {
  const [alone, followed] = [await place(), await place()];
  await orders.apply(transitions.cancel(followed, { now }));
  const acknowledged = [alone, followed].map(({ id }, index) => ({
    ...{ orderId: id, isLast: index === 0, leaseExpiresAt },
    event: { eventId: `${id}:0`, subject: 'order:created', data: { version: 0 } },
  }));
  const sent = await commandsOf(() => outboxes.removeAcknowledged(acknowledged, now), {
    [alone.id]: 'ALONE',
    [followed.id]: 'FOLLOWED',
  });
  const rest = { $filter: { input: '$outbox', as: 'event', cond: { $ne: ['$$event.data.version', 0] } } };
  const inEach = { $mergeObjects: ['$$event', { sender: 'SENDER' }] };
  expect(sent).toBe(
    JSON.stringify([
      {
        update: 'orders',
        updates: [
          {
            q: { _id: { $in: ['ALONE'] }, 'outbox.0.data.version': 0, outbox: { $size: 1 } },
            u: { $unset: { relayDueAt: 1 }, $set: { outbox: [] } },
            multi: true,
          },
          {
            q: { _id: { $in: ['FOLLOWED'] }, 'outbox.0.data.version': 0 },
            u: [
              { $set: { outbox: { $map: { input: rest, as: 'event', in: inEach } } } },
              { $set: { relayDueAt: { $cond: [{ $eq: ['$outbox', []] }, '$$REMOVE', leaseExpiresAt] } } },
            ],
            multi: true,
          },
        ],
        ordered: false,
      },
      {
        find: 'orders',
        filter: { _id: { $in: ['FOLLOWED'] }, 'outbox.0.sender': 'SENDER' },
        projection: { outbox: 1 },
        batchSize: 2,
      },
    ]),
  );
});

test('When there is no spacing, then due outboxes and the backlog are read by the same commands as before', async () => {
  const { id } = await place();
  const read = await commandsOf(() => outboxes.read([id], now), { [id]: 'ORDER' });
  expect(read).toBe(
    JSON.stringify([
      {
        find: 'orders',
        filter: { _id: { $in: ['ORDER'] }, relayDueAt: { $lte: now } },
        projection: { outbox: 1 },
        batchSize: 2,
      },
    ]),
  );
  const [, backlog] = JSON.parse(await commandsOf(() => outboxes.backlog(), {})) as object[];
  expect(backlog).toMatchObject({ projection: { outbox: { $slice: 1 }, history: 1, payments: 1 } });
  expect(JSON.stringify(backlog)).not.toContain('Until');
});
