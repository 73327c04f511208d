import mongoose from 'mongoose';
import pino from 'pino';
import { newId, signedIn, storeTicket } from '../../../tests/support/buyer.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';
import {
  connectPeer,
  openDatabase,
  type Peer,
  startTestService,
  testConfig,
} from '../../../tests/support/running-service.ts';

let api: OrdersApi;
let peer: Peer;
beforeAll(async () => {
  api = await startOrdersApi();
  peer = await connectPeer(api.config);
});

type Headers = Record<string, string>;
const post = (buyer: Headers, ticketId: string, key: string) =>
  api.http.post('/api/orders').set(buyer).set('Idempotency-Key', key).send({ ticketId });
const seen = (eventId: string) => peer.seen.filter(({ data }) => data['eventId'] === eventId);
const orders = () => api.database.collection('orders');
const stored = (id: string) => orders().findOne({ _id: new mongoose.Types.ObjectId(id) });

describe('POST /api/orders', () => {
  test('When the id of the ticket is in capitals, then order and event have it as everybody else does', async () => {
    const ticketId = await storeTicket(api.database);
    const body = { ticketId: ticketId.toUpperCase() };
    const answer = await api.http.post('/api/orders').set(signedIn()).send(body).expect(201);
    expect(answer.body).toMatchObject({ ticketId, ticket: { id: ticketId } });
    const eventId = `${answer.body.id}:0`;
    await eventually(() => seen(eventId).length > 0);
    expect(seen(eventId)[0]?.data).toMatchObject({ ticket: { id: ticketId } });
  });

  test('When the same key comes again, then it is the same answer, and nothing is written', async () => {
    const [buyer, key, ticketId] = [signedIn(), 'k'.repeat(255), await storeTicket(api.database)];
    const first = await post(buyer, ticketId, key).expect(201);
    await eventually(async () => (await stored(first.body.id))?.['outbox'].length === 0);
    const before = await stored(first.body.id);
    const again = await post(buyer, ticketId.toUpperCase(), key).expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['location']).toBe(first.headers['location']);
    expect(await stored(first.body.id)).toEqual(before);
  });

  test('When the hold of a keyed order is over, then the replay takes it over neither from itself nor others', async () => {
    const [buyer, key, ticketId] = [signedIn(), newId(), await storeTicket(api.database)];
    const first = await post(buyer, ticketId, key).expect(201);
    api.pass(api.config.orderHoldMs + 1);
    const replay = await post(buyer, ticketId, key).expect(201);
    expect(replay.body.id).toBe(first.body.id);
    const next = await post(signedIn(), ticketId, newId()).expect(201);
    api.pass(api.config.orderHoldMs + 1);
    const late = await post(buyer, ticketId, key).expect(201);
    expect(late.body).toMatchObject({ id: first.body.id, status: 'expired', version: 1 });
    expect(await orders().countDocuments({ ticketId: new mongoose.Types.ObjectId(ticketId) })).toBe(2);
    expect(next.body.id).not.toBe(first.body.id);
  });

  test('When requests with a key are refused with 400 or 404, then the key is still free', async () => {
    const [buyer, key] = [signedIn(), newId()];
    await post(buyer, 'x', key).expect(400);
    await post(buyer, newId(), key).expect(404);
    await post(buyer, await storeTicket(api.database), key).expect(201);
  });

  test('When an Idempotency-Key is refused, then the field is named and the ticket stays free', async () => {
    const ticketId = await storeTicket(api.database);
    const { body } = await post(signedIn(), ticketId, 'a\tb').expect(400);
    expect(body.errors[0].field).toBe('idempotency-key');
    await post(signedIn(), ticketId, newId()).expect(201);
  });
});

test('When a purchase has more than is read, then nothing of it is stored or logged', async () => {
  const config = testConfig();
  const database = await openDatabase(config);
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  const { url } = await startTestService(config, { log });
  const more =
    '"unread":"unread","note":{"$gt":["unread"]},"status":"paid","price":0,"__proto__":{"unread":1}';
  const answer = await fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { ...signedIn(), 'Content-Type': 'application/json' },
    body: `{"ticketId":"${await storeTicket(database)}",${more}}`,
  });
  expect(await answer.json()).toMatchObject({ status: 'pending', ticket: { price: 20 } });
  await eventually(() => lines.some((line) => line.includes('"POST"')));
  const everything = await database.collection('orders').find().toArray();
  expect(everything).toHaveLength(1);
  expect(`${JSON.stringify(everything)}${lines.join('')}`).not.toContain('unread');
});

describe('PATCH /api/orders/:orderId', () => {
  test('When an order is cancelled again and again at once, then there is one change and one event', async () => {
    const buyer = signedIn();
    const { id } = await api.place(buyer);
    const path = `/api/orders/${id}`;
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.http.patch(path).set(buyer)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.version}`))).toEqual(
      new Set(['200 1']),
    );
    await eventually(async () => (await stored(id))?.['outbox'].length === 0);
    const before = await stored(id);
    await api.http.patch(path.toUpperCase().replace('/API/ORDERS', '/api/orders')).set(buyer).expect(200);
    await api.http.delete(path).set(buyer).expect(204);
    expect(await stored(id)).toEqual(before);
    expect(before?.['history']).toHaveLength(2);
    await eventually(() => seen(`${id}:1`).length > 0);
    expect(seen(`${id}:1`)[0]).toMatchObject({ subject: 'order:cancelled', data: { status: 'cancelled' } });
    expect(seen(`${id}:2`)).toEqual([]);
  });

  test.each([
    ['null', 400, 'application/json'],
    ['"cancelled"', 400, 'application/json'],
    ['{', 400, 'application/json'],
    ['status=cancelled', 415, 'application/x-www-form-urlencoded'],
  ] as const)('When the body is %s, then %i and the order stays', async (body, status, type) => {
    const buyer = signedIn();
    const { id } = await api.place(buyer);
    await api.http.patch(`/api/orders/${id}`).set(buyer).set('Content-Type', type).send(body).expect(status);
    expect(await stored(id)).toMatchObject({ status: 'pending', version: 0 });
  });
});

describe('GET /api/orders', () => {
  test('When there are more than 100 and no limit, then 100 come and a Link to the rest, which may grow', async () => {
    const [userId, ticketId, createdAt] = [newId(), new mongoose.Types.ObjectId(), new Date()];
    const ticket = { title: 't', price: 1, version: 0 };
    const common = { userId, ticketId, ticket, createdAt, expiresAt: createdAt, status: 'cancelled' };
    const records = Array.from({ length: 205 }, () => ({ ...common, version: 1, payments: [], history: [] }));
    const { insertedIds } = await orders().insertMany(records);
    const pages: string[][] = [];
    for (let next: string | undefined = '/api/orders'; next; ) {
      const answer: { body: { id: string }[]; headers: Record<string, string | undefined> } = await api.http
        .get(next)
        .set(signedIn(userId))
        .expect(200);
      pages.push(answer.body.map(({ id }) => id));
      next = /^<(.+)>; rel="next"$/.exec(answer.headers['link'] ?? '')?.[1];
      await api.place(signedIn(userId));
    }
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 5]);
    const wanted = Object.values(insertedIds).map((id) => id.toHexString());
    expect(pages.flat()).toEqual(wanted.toSorted().toReversed());
  });

  test('When the page is exactly full, then there is no Link, and a cursor shows nobody else the orders', async () => {
    const buyer = signedIn();
    await api.place(buyer);
    await api.place(buyer);
    const full = await api.http.get('/api/orders?limit=2').set(buyer).expect(200);
    expect(full.headers['link']).toBeUndefined();
    const half = await api.http.get('/api/orders?limit=1').set(buyer).expect(200);
    const next = /^<(.+)>/.exec(half.headers['link'] ?? '')?.[1] ?? '';
    expect((await api.http.get(next).set(signedIn()).expect(200)).body).toEqual([]);
    expect((await api.http.get('/api/orders?status=paid').set(buyer).expect(200)).body).toEqual([]);
  });
});
