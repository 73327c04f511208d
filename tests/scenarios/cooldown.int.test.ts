import type { Connection } from 'mongoose';
import { cooldownIndexOf, orderCollection } from '../../src/orders/store/order-indexes.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import type { Service } from '../../src/service.ts';
import { newId, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  startTestService,
  startTwoServices,
  type TestConfig,
  testConfig,
} from '../support/running-service.ts';

const [holdSeconds, cooldownSeconds] = [900, 600];
const config = testConfig({ orderCooldownMs: cooldownSeconds * 1_000 });
const start = Date.now();
let now = start;
let database: Connection;
let services: Service[];

/** So that the cooldown is kept to from the first purchase on. */
async function databaseWithIndex(given: TestConfig): Promise<Connection> {
  const opened = await openDatabase(given);
  await ensureIndexes([orderCollection(opened), cooldownIndexOf(opened)]);
  return opened;
}

beforeAll(async () => {
  database = await databaseWithIndex(config);
  services = await startTwoServices(config, { clock: () => new Date(now) });
});

beforeEach(() => {
  now = start;
});

const pass = (seconds: number) => {
  now += seconds * 1_000;
};

type Headers = Record<string, string>;

async function send(method: string, path: string, headers: Headers, body?: object, service = services[0]) {
  const answer = await fetch(`${service?.url}${path}`, {
    method,
    headers: { ...headers, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const read = (text ? JSON.parse(text) : {}) as { id: string; errors?: Record<string, unknown>[] };
  return { status: answer.status, headers: answer.headers, id: read.id, error: read.errors?.[0] };
}

const buy = (buyer: Headers, ticketId: string, service = services[0]) =>
  send('POST', '/api/orders', buyer, { ticketId }, service);
const cancel = (buyer: Headers, id: string, service = services[0]) =>
  send('DELETE', `/api/orders/${id}`, buyer, undefined, service);

const cooldown = (availableAt: number) => ({
  code: 'cooldown',
  message: expect.any(String) as string,
  availableAt: new Date(availableAt).toISOString(),
});

test('When a buyer has let a ticket go, then it is for others until the cooldown is over', async () => {
  const [buyer, ticketId] = [signedIn(), await storeTicket(database)];
  const { id } = await buy(buyer, ticketId);
  pass(20);
  expect((await cancel(buyer, id)).status).toBe(204);
  pass(10.5);
  const refused = await buy(buyer, ticketId, services[1]);
  expect(refused.status).toBe(409);
  expect(refused.headers.get('retry-after')).toBe('590');
  expect(refused.error).toEqual(cooldown(start + (20 + cooldownSeconds) * 1_000));
  expect((await buy(buyer, await storeTicket(database))).status).toBe(201);

  const [other] = [signedIn()];
  const { id: otherId, status } = await buy(other, ticketId);
  expect(status).toBe(201);
  expect((await buy(buyer, ticketId)).error).toMatchObject({ code: 'ticket_reserved' });
  expect((await cancel(other, otherId)).status).toBe(204);
  pass(cooldownSeconds - 10.5);
  expect((await buy(buyer, ticketId)).status).toBe(201);
});

test('When the time of a buyer runs out, then the cooldown counts from then, whoever ends the hold', async () => {
  const [buyer, other, ticketId] = [signedIn(), signedIn(), await storeTicket(database)];
  await buy(buyer, ticketId);
  pass(holdSeconds);
  const end = start + (holdSeconds + cooldownSeconds) * 1_000;
  expect((await buy(buyer, ticketId)).error).toEqual(cooldown(end));
  pass(1);
  const { id } = await buy(other, ticketId);
  pass(holdSeconds - 1);
  expect((await cancel(other, id)).status).toBe(204);
  expect((await buy(other, ticketId)).error).toMatchObject({ code: 'cooldown' });
  expect((await buy(buyer, ticketId)).status).toBe(201);
});

test('When a buyer cancels right away, then the first time is a slip, and the second one counts', async () => {
  const [buyer, ticketId] = [signedIn(), await storeTicket(database)];
  for (const status of [201, 201]) {
    const placed = await buy(buyer, ticketId);
    expect(placed.status).toBe(status);
    pass(5);
    await cancel(buyer, placed.id);
  }
  expect((await buy(buyer, ticketId)).error).toEqual(cooldown(start + (10 + cooldownSeconds) * 1_000));
});

test('When a payment came for the order, then its buyer can hold the ticket again', async () => {
  const [buyer, ticketId, paymentId] = [signedIn(), await storeTicket(database), newId()];
  const peer = await connectPeer(config);
  const { id } = await buy(buyer, ticketId);
  pass(20);
  await cancel(buyer, id);
  expect((await buy(buyer, ticketId)).error).toMatchObject({ code: 'cooldown' });
  await peer.publish('payment:created', { id: paymentId, orderId: id, stripeChargeId: 'ch_1' });
  await eventually(() => peer.seen.some(({ data }) => data['eventId'] === `${id}:refund:${paymentId}`));
  expect((await buy(buyer, ticketId)).status).toBe(201);
});

test('When a cancel and purchases of the same ticket race on two replicas, then no purchase gets it', async () => {
  for (let time = 0; time < 15; time++) {
    now = start;
    const [buyer, ticketId] = [signedIn(), await storeTicket(database)];
    const { id } = await buy(buyer, ticketId);
    pass(20);
    const [ended, ...answers] = await Promise.all([
      cancel(buyer, id),
      ...Array.from({ length: 8 }, (_, turn) => buy(buyer, ticketId, services[turn % 2])),
    ]);
    expect(ended.status).toBe(204);
    for (const { status, error } of answers) {
      expect(status).toBe(409);
      expect(['ticket_reserved', 'cooldown']).toContain(error?.['code']);
    }
  }
}, 60_000);

test('When purchases of an expired hold of their own buyer race on two replicas, then none gets it, and it expires once', async () => {
  for (let time = 0; time < 10; time++) {
    now = start;
    const [userId, ticketId] = [newId(), await storeTicket(database)];
    await buy(signedIn(userId), ticketId);
    pass(holdSeconds);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, turn) => buy(signedIn(userId), ticketId, services[turn % 2])),
    );
    expect(new Set(answers.map(({ error }) => error?.['code']))).toEqual(new Set(['cooldown']));
    const stored = await database.collection('orders').find({ userId }).toArray();
    expect(stored).toMatchObject([{ status: 'expired', version: 1 }]);
  }
}, 60_000);

test('When a ticket that was let go is kept for a while, then its own buyer is told of the cooldown, others of the end', async () => {
  const spaced = testConfig({ orderCooldownMs: 600_000, eventSpacingMs: 300_000 });
  const opened = await databaseWithIndex(spaced);
  let time = start;
  const service = await startTestService(spaced, { clock: () => new Date(time) });
  const [buyer, ticketId] = [signedIn(), await storeTicket(opened)];
  const { id } = await buy(buyer, ticketId, service);
  time += 20_000;
  expect((await cancel(buyer, id, service)).status).toBe(204);
  expect((await buy(buyer, ticketId, service)).error).toEqual(cooldown(start + 620_000));
  expect((await buy(signedIn(), ticketId, service)).error).toMatchObject({ code: 'ticket_reserved' });
});

describe('When a service with a cooldown starts without its index', () => {
  test('then it serves at once, and keeps to the cooldown when the index is built', async () => {
    const fresh = testConfig({ orderCooldownMs: 600_000, orderHoldMs: 1_000 });
    const opened = await openDatabase(fresh);
    let time = start;
    const service = await startTestService(fresh, { clock: () => new Date(time) });
    const indexNames = async () => (await opened.collection('orders').indexes()).map(({ name }) => name);
    await eventually(async () => (await indexNames()).includes('own_orders_of_ticket'));
    await eventually(async () => {
      const [buyer, ticketId] = [signedIn(), await storeTicket(opened)];
      await buy(buyer, ticketId, service);
      time += 1_000;
      return (await buy(buyer, ticketId, service)).error?.['code'] === 'cooldown';
    });
  });

  test('and where there is none, then there is no such index', async () => {
    const without = testConfig();
    const opened = await openDatabase(without);
    const service = await startTestService(without);
    expect((await buy(signedIn(), await storeTicket(opened), service)).status).toBe(201);
    const names = (await opened.collection('orders').indexes()).map(({ name }) => name);
    expect(names).not.toContain('own_orders_of_ticket');
  });
});
