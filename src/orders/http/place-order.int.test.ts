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
