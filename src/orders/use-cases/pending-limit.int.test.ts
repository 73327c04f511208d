import mongoose, { type Connection } from 'mongoose';
import { newId, signedIn, storeTicket } from '../../../tests/support/buyer.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  secondInstance,
  startTestService,
  testConfig,
  watchDatabase,
} from '../../../tests/support/running-service.ts';
import { leaveToSweep } from '../../outbox/outbox-notifier.ts';
import type { Service } from '../../service.ts';
import { ticketModel } from '../../tickets/store/ticket-model.ts';
import { orderModel } from '../store/order-model.ts';
import { createOrderStore, type OrderStore } from '../store/order-store.ts';
import { placeOrder } from './place-order.ts';
import { settlePayment } from './settle-payment.ts';

const limit = 3;
const config = testConfig({ maxPendingOrdersPerUser: limit });
let now = new Date();
let database: Connection;
let services: Service[];

/** For the use cases themselves: a time that the services' sweeps and relays have not come to, commands counted. */
const start = Date.parse('2030-01-01T00:00:00Z');
const commands: { name: string; command: Record<string, unknown> }[] = [];
let orders: OrderStore;
const at = (time: number) => ({ orders, clock: () => new Date(time), holdMs: 900_000 });

beforeAll(async () => {
  database = await openDatabase(config);
  const clock = () => now;
  services = [
    await startTestService(config, { clock }),
    await startTestService(secondInstance(config), { clock }),
  ];
  const monitored = await watchDatabase(config);
  monitored
    .getClient()
    .on('commandStarted', ({ commandName: name, command }) => commands.push({ name, command }));
  orders = createOrderStore(
    orderModel(monitored),
    ticketModel(monitored),
    leaveToSweep(() => new Date(start)),
  );
});

type Headers = Record<string, string>;
interface Answer {
  status: number;
  headers: globalThis.Headers;
  body: { id: string; expiresAt: string; errors: Record<string, unknown>[] };
}

async function send(
  method: string,
  path: string,
  headers: Headers,
  body?: unknown,
  turn = 0,
): Promise<Answer> {
  const answer = await fetch(`${services[turn % services.length]?.url}${path}`, {
    method,
    headers: { ...headers, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: (text ? JSON.parse(text) : {}) as Answer['body'],
  };
}

const buy = async (buyer: Headers, turn = 0, ticketId?: string, headers: Headers = {}) =>
  send(
    'POST',
    '/api/orders',
    { ...buyer, ...headers },
    { ticketId: ticketId ?? (await storeTicket(database)) },
    turn,
  );

const pendingOf = (userId: string) =>
  database.collection('orders').countDocuments({ userId, status: 'pending' });

async function fill(buyer: Headers): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < limit) answers.push(await buy(buyer));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  return answers;
}

test('When one user asks for 50 tickets at once over two services, then exactly as many are placed as allowed', async () => {
  for (let round = 0; round < 5; round++) {
    const userId = newId();
    const tickets = await Promise.all(Array.from({ length: 50 }, () => storeTicket(database)));
    const answers = await Promise.all(tickets.map((ticketId, turn) => buy(signedIn(userId), turn, ticketId)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(limit);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(50 - limit);
    expect(await pendingOf(userId)).toBe(limit);
  }
}, 60_000);

test('When a user is refused, then the answer says when the first hold ends, and others are not concerned', async () => {
  const buyer = signedIn();
  const [first] = await fill(buyer);
  now = new Date(now.getTime() + 10_500);
  const refused = await buy(buyer);
  expect(refused.status).toBe(409);
  expect(refused.headers.get('retry-after')).toBe('890');
  expect(refused.body.errors).toEqual([
    {
      message: expect.stringContaining('At most 3') as string,
      code: 'too_many_pending',
      availableAt: first?.body.expiresAt,
    },
  ]);
  expect((await buy(signedIn())).status).toBe(201);
});

test('When an order is cancelled or paid, then its place is free', async () => {
  const buyer = signedIn();
  const [cancelled, paid] = await fill(buyer);
  expect((await buy(buyer)).status).toBe(409);
  expect((await send('DELETE', `/api/orders/${cancelled?.body.id}`, buyer)).status).toBe(204);
  expect((await buy(buyer)).status).toBe(201);
  expect((await buy(buyer)).status).toBe(409);

  const peer = await connectPeer(config);
  await peer.publish('payment:created', { id: newId(), orderId: paid?.body.id, stripeChargeId: 'ch_1' });
  await eventually(() => peer.seen.some(({ data }) => data['eventId'] === `${paid?.body.id}:1`));
  expect((await buy(buyer)).status).toBe(201);
  expect((await buy(buyer)).status).toBe(409);
});

test('When holds end, then they do not count, though no sweep has run, and a late payment needs no place', async () => {
  const userId = newId();
  const buyAt = async (time: number) =>
    placeOrder({ ...at(time), maxPending: limit }, { userId, ticketId: await storeTicket(database) });
  const first = await buyAt(start);
  await buyAt(start);
  await buyAt(start + 1);
  expect((await buyAt(start + 899_999)).kind).toBe('too_many_pending');
  // Two of three are over; both places can be had, at once.
  const again = await Promise.all([buyAt(start + 900_000), buyAt(start + 900_000), buyAt(start + 900_000)]);
  expect(again.map(({ kind }) => kind).toSorted()).toEqual(['placed', 'placed', 'too_many_pending']);
  expect(await pendingOf(userId)).toBe(limit);

  const id = first.kind === 'placed' ? first.order.id : '';
  const late = await orders.findById(id);
  expect(late).toMatchObject({ status: 'expired', version: 1, history: [{}, { cause: 'expiry' }] });
  const payment = { id: newId(), stripeChargeId: 'ch_1' };
  expect(await settlePayment(at(start + 900_001), id, payment)).toMatchObject({ kind: 'paid' });
});

test('When holds that are over cannot be ended, then they count, and nobody waits for them', async () => {
  const userId = newId();
  const buyAt = async (time: number) =>
    placeOrder({ ...at(time), maxPending: 2 }, { userId, ticketId: await storeTicket(database) });
  await buyAt(start);
  await buyAt(start);
  const stored = database.collection('orders');
  const spoilt = { $set: { history: 'expired by hand' } };
  await stored.updateOne({ userId }, spoilt);
  // The other one makes room.
  expect(await buyAt(start + 900_000)).toMatchObject({ kind: 'placed' });
  const availableAt = new Date(start + 1_800_000);
  expect(await buyAt(start + 900_000)).toEqual({ kind: 'too_many_pending', limit: 2, availableAt });

  await stored.updateMany({ userId }, spoilt);
  expect(await buyAt(start + 1_800_000)).toEqual({ kind: 'contended' });
});

test('When a placed order is asked for again with its key at the limit, then it is the same answer', async () => {
  for (let round = 0; round < 5; round++) {
    const [buyer, headers] = [signedIn(), { 'Idempotency-Key': newId() }];
    await buy(buyer);
    await buy(buyer);
    const ticketId = await storeTicket(database);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, turn) => buy(buyer, turn, ticketId, headers)),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    expect((await buy(buyer, 0, undefined, { 'Idempotency-Key': newId() })).status).toBe(409);
    expect((await buy(buyer, 0, ticketId, headers)).body.id).toBe(answers[0]?.body.id);
  }
}, 60_000);

test('When the limit is turned on, lowered or raised, then the orders of before count, and none is ended', async () => {
  const userId = newId();
  const under = async (maxPending: number) =>
    (await placeOrder({ ...at(start), maxPending }, { userId, ticketId: await storeTicket(database) })).kind;
  expect(await under(0)).toBe('placed');
  expect([await under(2), await under(2)]).toEqual(['placed', 'too_many_pending']);
  expect([await under(5), await under(5), await under(5)]).toEqual(['placed', 'placed', 'placed']);
  expect(await under(2)).toBe('too_many_pending');
  expect(await under(0)).toBe('placed');
  expect(await pendingOf(userId)).toBe(6);
});

test('When there is no limit, or there is room under it, then a purchase is one look and one write', async () => {
  for (const maxPending of [0, 1]) {
    const ticketId = await storeTicket(database);
    commands.length = 0;
    const outcome = await placeOrder({ ...at(start), maxPending }, { userId: newId(), ticketId });
    expect(outcome.kind).toBe('placed');
    const looks = commands.filter(({ name }) => name === 'find');
    // Side by side, so in the time of one (round-trips-per-request.int.test.ts): the ticket, its holder, and what is pending.
    expect(looks).toHaveLength(2 + maxPending);
    expect(commands.slice(looks.length).map(({ name }) => name)).toEqual(['insert']);
    const _id = new mongoose.Types.ObjectId(outcome.kind === 'placed' ? outcome.order.id : '');
    const stored = await database.collection('orders').findOne({ _id });
    expect(stored && 'pendingSlot' in stored).toBe(maxPending > 0);
  }
});
