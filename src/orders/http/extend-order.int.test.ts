import mongoose from 'mongoose';
import { newId, sessionCookie, signedIn, storeTicket } from '../../../tests/support/buyer.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';
import { connectPeer, type Peer } from '../../../tests/support/running-service.ts';
import type { OrderRecord } from '../store/order-model.ts';

let api: OrdersApi;
let peer: Peer;
/** Holds last a minute; one that is extended lasts a minute from then on, and two minutes at most. */
const settings = { orderHoldMs: 60_000, orderExtensionMs: 60_000, orderHoldLimitMs: 120_000 };

beforeAll(async () => {
  api = await startOrdersApi(settings);
  peer = await connectPeer(api.config);
});

const extend = (id: string, buyer: Record<string, string>, from = api) =>
  from.http.post(`/api/orders/${id}/extension`).set(buyer);
const endOf = ({ body }: { body: unknown }) => Date.parse((body as { expiresAt: string }).expiresAt);
const codeOf = ({ body }: { body: unknown }) => (body as { errors: { code: string }[] }).errors[0]?.code;
const stored = (id: string, from = api) =>
  from.database
    .collection<OrderRecord>('orders')
    .findOne({ _id: new mongoose.Types.ObjectId(id) }) as Promise<OrderRecord>;
const extensionsSeen = (id: string) =>
  peer.seen.filter(({ subject, data }) => subject === 'order:hold-extended' && data['id'] === id);

test('When a buyer asks for more time, then the hold ends so long after now, and one event tells of it', async () => {
  const buyer = signedIn();
  const order = await api.place(buyer);
  const before = await stored(order.id);
  expect(before).not.toHaveProperty('extensions');
  api.pass(40_000);
  const answer = await extend(order.id, buyer).set('X-Request-Id', 'more-time').expect(200);
  const end = Date.parse(order.expiresAt) + 40_000;
  expect(answer.body).toMatchObject({
    id: order.id,
    status: 'pending',
    version: 0,
    expiresAt: new Date(end).toISOString(),
    holdSecondsLeft: 60,
  });
  const record = await stored(order.id);
  expect(record).toMatchObject({
    expiresAt: new Date(end),
    history: [{ version: 0 }],
    extensions: [{ n: 1, at: new Date(end - 60_000), from: before.expiresAt, to: new Date(end) }],
  });
  await eventually(() => extensionsSeen(order.id).length > 0);
  expect(extensionsSeen(order.id).map(({ data }) => data)).toEqual([
    {
      eventId: `${order.id}:extension:1`,
      correlationId: 'more-time',
      id: order.id,
      userId: before.userId,
      expiresAt: new Date(end).toISOString(),
      ticket: { id: order.ticketId },
    },
  ]);
});

test('When it is asked for again, then the hold stays, and nothing is sent', async () => {
  const buyer = signedIn();
  const { id, expiresAt } = await api.place(buyer);
  expect(endOf(await extend(id, buyer).expect(200))).toBe(Date.parse(expiresAt));
  expect(await stored(id)).not.toHaveProperty('extensions');
  api.pass(30_000);
  const end = endOf(await extend(id, buyer).expect(200));
  api.pass(5_999);
  expect(endOf(await extend(id, buyer).expect(200))).toBe(end);
  expect((await stored(id)).extensions).toHaveLength(1);
});

test('When the hold has come to its limit, then nothing can be added, and the answer says when it ends', async () => {
  const buyer = signedIn();
  const { id, expiresAt } = await api.place(buyer);
  const limit = Date.parse(expiresAt) + 60_000;
  api.pass(50_000);
  await extend(id, buyer).expect(200);
  api.pass(50_000);
  expect(endOf(await extend(id, buyer).expect(200))).toBe(limit);
  const refused = await extend(id, buyer).expect(409);
  expect(refused.body).toEqual({
    errors: [
      {
        message: expect.any(String) as string,
        code: 'extension_limit',
        expiresAt: new Date(limit).toISOString(),
      },
    ],
  });
  api.pass(20_000);
  expect(codeOf(await extend(id, buyer).expect(409))).toBe('order_expired');
});

test('When a pending order is past its time, then it expires, and the answer says so', async () => {
  const buyer = signedIn();
  const { id } = await api.place(buyer);
  api.pass(60_000);
  expect(codeOf(await extend(id, buyer).expect(409))).toBe('order_expired');
  expect(await stored(id)).toMatchObject({
    status: 'expired',
    version: 1,
    history: [{}, { cause: 'expiry' }],
  });
});

test('When the order is paid or cancelled, then the answer says so', async () => {
  const buyer = signedIn();
  const { id } = await api.place(buyer);
  await api.http.delete(`/api/orders/${id}`).set(buyer).expect(204);
  expect(codeOf(await extend(id, buyer).expect(409))).toBe('order_cancelled');
  const paid = await api.place(buyer);
  await peer.publish('payment:created', { id: newId(), orderId: paid.id });
  await eventually(async () => (await stored(paid.id)).status === 'paid');
  expect(codeOf(await extend(paid.id, buyer).expect(409))).toBe('order_paid');
});

test('When the order is of somebody else, unknown or none, or nobody is signed in, then that is the answer', async () => {
  const { id } = await api.place(signedIn());
  expect(codeOf(await extend(id, signedIn()).expect(403))).toBe('not_owner');
  expect(codeOf(await extend(newId(), signedIn()).expect(404))).toBe('order_not_found');
  expect(codeOf(await extend('x', signedIn()).expect(400))).toBe('invalid');
  expect(codeOf(await extend(id, {}).expect(401))).toBe('not_signed_in');
});

test('When there is a body, then an empty object is none, and all else is refused', async () => {
  const buyer = signedIn();
  const { id } = await api.place(buyer);
  const json = { ...buyer, 'Content-Type': 'application/json' };
  await extend(id, json).send('{}').expect(200);
  expect((await extend(id, json).send('{"seconds":600}').expect(400)).body).toMatchObject({
    errors: [{ code: 'invalid', field: 'seconds' }],
  });
  for (const [status, type, body] of [
    [400, 'application/json', '[]'],
    [400, 'application/json', '{'],
    [415, 'text/plain', 'x'],
  ] as const)
    await extend(id, { ...buyer, 'Content-Type': type })
      .send(body)
      .expect(status);
  await extend(id, buyer).query({ seconds: '600' }).expect(400);
});

test('When a form of another site asks for it, then it is refused, and nothing changes', async () => {
  const userId = newId();
  const { id } = await api.place(signedIn(userId));
  const cookie = { Cookie: sessionCookie(signedIn(userId).Authorization.slice('Bearer '.length)) };
  api.pass(50_000);
  for (const foreign of [{ 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'https://other.example' }])
    expect(codeOf(await extend(id, { ...cookie, ...foreign }).expect(403))).toBe('cross_site');
  expect(await stored(id)).not.toHaveProperty('extensions');
  await extend(id, { ...cookie, 'Sec-Fetch-Site': 'same-origin' }).expect(200);
});

test('When holds are not extended, then a pending order of one’s own is at its limit', async () => {
  const plain = await startOrdersApi();
  const buyer = signedIn();
  const { id, expiresAt } = await plain.place(buyer);
  const before = await stored(id, plain);
  expect((await extend(id, buyer, plain).expect(409)).body).toMatchObject({
    errors: [{ code: 'extension_limit', expiresAt }],
  });
  expect((await stored(id, plain)).lastChange).toEqual(before.lastChange);
  await extend(id, signedIn(), plain).expect(403);
  await plain.http.delete(`/api/orders/${id}`).set(buyer).expect(204);
  expect(codeOf(await extend(id, buyer, plain).expect(409))).toBe('order_cancelled');
});

test('When purchases are limited, then requests for more time count as such', async () => {
  const limited = await startOrdersApi({ ...settings, rateLimitPerMinute: 3 });
  const buyer = signedIn();
  const { id } = await limited.place(buyer);
  const answer = await extend(id, buyer, limited).expect(200);
  expect(answer.headers['ratelimit']).toContain('r=1;');
  await limited.http
    .post('/api/orders')
    .set(buyer)
    .send({ ticketId: await storeTicket(limited.database) })
    .expect(201);
  const refused = await extend(id, buyer, limited).expect(429);
  expect(codeOf(refused)).toBe('rate_limited');
  expect(refused.headers).toHaveProperty('retry-after');
});
