import type { Connection } from 'mongoose';
import { newId, storeTicket } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../../../tests/support/running-service.ts';
import { leaveToSweep } from '../../outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { ticketCollection, ticketModel } from '../../tickets/store/ticket-model.ts';
import { createWithdrawalStore } from '../../tickets/store/withdrawal-store.ts';
import * as transitions from '../domain/transitions.ts';
import { orderCollection } from './order-indexes.ts';
import { orderModel } from './order-model.ts';
import { createOrderStore, type OrderStore } from './order-store.ts';

const now = new Date('2030-01-01T00:00:00Z');
let database: Connection;
let orders: OrderStore;
/** How many times the store has waited: commands that run at the same time count once. */
let waits = 0;
let commands = 0;

beforeAll(async () => {
  const config = testConfig();
  database = await openDatabase(config);
  const watched = await watchDatabase(config);
  await ensureIndexes([orderCollection(watched), ticketCollection(watched)]);
  let inFlight = 0;
  const client = watched.getClient();
  client.on('commandStarted', () => {
    commands++;
    if (inFlight++ === 0) waits++;
  });
  for (const end of ['commandSucceeded', 'commandFailed'] as const) client.on(end, () => void inFlight--);
  const notifier = leaveToSweep(() => now);
  orders = createOrderStore(orderModel(watched), ticketModel(watched), notifier);
  // Queries side by side need a connection each, and opening one takes longer than a query.
  await Promise.all(Array.from({ length: 10 }, () => watched.db?.command({ ping: 1 })));
});

async function place(): Promise<{ id: string; ticketId: string }> {
  const ticket = { id: await storeTicket(database), title: 'Concert', price: 20, version: 0 };
  const placed = transitions.place({ id: newId(), userId: newId(), ticket, holdMs: 1_000 }, { now });
  await orders.insert(placed.order, placed.event);
  return placed.order;
}

async function load(...ids: string[]) {
  waits = 0;
  commands = 0;
  const found = await Promise.all(ids.map((id) => orders.loadPaymentContext(id)));
  return { found: found.map(({ order, isWithdrawn }) => [order?.id, isWithdrawn]), waits, commands };
}

test('When nothing is withdrawn, then payments wait once, for two commands that all of a moment share', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, async () => (await place()).id));
  const found = ids.map((id) => [id, false]);
  expect(await load(...ids)).toEqual({ found, waits: 1, commands: 2 });
  expect((await load(newId())).found).toEqual([[undefined, false]]);
});

test('When some tickets are withdrawn, then each payment knows whether its own is, by one command more', async () => {
  const [one, other] = [await place(), await place()];
  const withdrawals = createWithdrawalStore(ticketModel(database));
  await withdrawals.withdraw([one.ticketId], now);
  const found = [
    [one.id, true],
    [other.id, false],
  ];
  expect(await load(one.id, other.id)).toEqual({ found, waits: 2, commands: 3 });
  await withdrawals.offer([one.ticketId]);
  expect(await load(one.id)).toEqual({ found: [[one.id, false]], waits: 1, commands: 2 });
});
