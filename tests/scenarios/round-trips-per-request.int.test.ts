import type { Connection } from 'mongoose';
import pino from 'pino';
import supertest from 'supertest';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore, type OrderStore } from '../../src/orders/store/order-store.ts';
import { placeOrder } from '../../src/orders/use-cases/place-order.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { createApp } from '../../src/platform/http/app.ts';
import { listen } from '../../src/platform/http/server.ts';
import { readSession } from '../../src/platform/http/session.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { atEnd } from '../support/at-end.ts';
import { newId, signedIn, storeTicket } from '../support/buyer.ts';
import { jwtKey, openDatabase, testConfig, watchDatabase } from '../support/running-service.ts';

const { routes: orderRoutes } = orderHttp();

/** How many times a request waits for the database. Queries that run at the same time count once. */

let database: Connection;
let http: ReturnType<typeof supertest>;
let roundTrips = 0;
let orders: OrderStore;
const notifier = leaveToSweep(systemClock);

beforeAll(async () => {
  const config = testConfig();
  database = await openDatabase(config);
  const watched = await watchDatabase(config);
  await ensureIndexes([orderCollection(watched)]);
  let inFlight = 0;
  const client = watched.getClient();
  client.on('commandStarted', () => {
    if (inFlight++ === 0) roundTrips++;
  });
  for (const end of ['commandSucceeded', 'commandFailed'] as const) client.on(end, () => void inFlight--);

  orders = createOrderStore(orderModel(watched), ticketModel(watched), notifier);
  const parts = {
    orders,
    clock: systemClock,
    holdMs: 60_000,
    maxPending: 0,
    purchaseLimit: [],
    extensionMs: 120_000,
    holdLimitMs: 150_000,
    listSort: '-createdAt' as const,
  };
  const app = createApp({
    log: pino({ level: 'silent' }),
    probes: () => undefined,
    trustProxy: 0,
    session: readSession([jwtKey]),
    routes: orderRoutes(parts),
  });
  const server = await listen(app, 0);
  atEnd(() => server.stop());
  http = supertest(`http://127.0.0.1:${server.port}`);
  // Each query side by side needs a connection, and opening one takes longer than the query.
  await Promise.all(Array.from({ length: 10 }, () => watched.db?.command({ ping: 1 })));
});

const place = (buyer: Record<string, string>, ticketId: string) =>
  http.post('/api/orders').set(buyer).send({ ticketId });

async function roundTripsOf(act: () => Promise<unknown>): Promise<number> {
  roundTrips = 0;
  await act();
  return roundTrips;
}

test('When an order is placed, then the answer waits for the database twice', async () => {
  const ticketId = await storeTicket(database);
  expect(await roundTripsOf(async () => place(signedIn(), ticketId).expect(201))).toBe(2);
});

test('When a ticket is held, then its refusal waits once', async () => {
  const ticketId = await storeTicket(database);
  await place(signedIn(), ticketId).expect(201);
  expect(await roundTripsOf(async () => place(signedIn(), ticketId).expect(409))).toBe(1);
});

test('When orders are shown and listed, then each waits once', async () => {
  const buyer = signedIn();
  const { body } = await place(buyer, await storeTicket(database)).expect(201);
  const path = `/api/orders/${(body as { id: string }).id}`;
  expect(await roundTripsOf(async () => http.get(path).set(buyer).expect(200))).toBe(1);
  expect(await roundTripsOf(async () => http.get('/api/orders').set(buyer).expect(200))).toBe(1);
  expect(await roundTripsOf(async () => http.get(`/api/orders/${newId()}`).set(buyer).expect(404))).toBe(1);
});

test('When a hold is extended, then the answer waits three times, and once when it ends late enough already', async () => {
  const buyer = signedIn();
  const { body } = await place(buyer, await storeTicket(database)).expect(201);
  const path = `/api/orders/${(body as { id: string }).id}/extension`;
  expect(await roundTripsOf(async () => http.post(path).set(buyer).expect(200))).toBe(3);
  expect(await roundTripsOf(async () => http.post(path).set(buyer).expect(200))).toBe(1);
});

test('When a race is lost, then the loser waits three times: a read, a refused write, and a read that finds out why', async () => {
  const ticketId = await storeTicket(database);
  const other = createOrderStore(orderModel(database), ticketModel(database), notifier);
  const parts = { clock: systemClock, holdMs: 60_000 };
  const overtaken = {
    ...orders,
    async loadPurchaseContext(wanted: Parameters<typeof orders.loadPurchaseContext>[0]) {
      const view = await orders.loadPurchaseContext(wanted);
      await placeOrder({ ...parts, orders: other }, { userId: newId(), ticketId });
      return view;
    },
  };
  const lose = async () => {
    const outcome = await placeOrder({ ...parts, orders: overtaken }, { userId: newId(), ticketId });
    expect(outcome.kind).toBe('ticket_reserved');
  };
  expect(await roundTripsOf(lose)).toBe(3);
});
