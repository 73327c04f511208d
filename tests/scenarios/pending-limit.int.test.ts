import type { Connection } from 'mongoose';
import type { Service } from '../../src/service.ts';
import { newId, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { connectPeer, openDatabase, startTwoServices, testConfig } from '../support/running-service.ts';

const limit = 3;
const config = testConfig({ maxPendingOrdersPerUser: limit });
let now = new Date();
let database: Connection;
let services: Service[];

beforeAll(async () => {
  database = await openDatabase(config);
  services = await startTwoServices(config, { clock: () => now });
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
  for (let time = 0; time < 5; time++) {
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

test('When an order is cancelled or paid, then its slot is free', async () => {
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

test('When a placed order is asked for again with its key at the limit, then it is the same answer', async () => {
  for (let time = 0; time < 5; time++) {
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
