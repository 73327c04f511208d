import mongoose from 'mongoose';
import { newId, signedIn } from '../../../tests/support/buyer.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';

let api: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi();
});

/** Makes the order what a payment or the end of its time would have made it. */
async function become(orderId: string, status: 'paid' | 'expired'): Promise<void> {
  const _id = new mongoose.Types.ObjectId(orderId);
  await api.database.collection('orders').updateOne({ _id }, { $set: { status } });
}

test('When a buyer lists, then only own orders come, newest first, by status if asked for', async () => {
  const buyer = signedIn();
  await api.place(signedIn());
  const first = await api.place(buyer);
  api.pass(1);
  const second = await api.place(buyer);
  await become(first.id, 'expired');
  const { body } = await api.http.get('/api/orders').set(buyer).expect(200);
  expect(body.map(({ id }: { id: string }) => id)).toEqual([second.id, first.id]);
  const expired = await api.http.get('/api/orders?status=expired').set(buyer).expect(200);
  expect(expired.body.map(({ id }: { id: string }) => id)).toEqual([first.id]);
  await api.http.get('/api/orders').expect(401);
});

test('When there are more than a page, then the Link leads through all of them once', async () => {
  const buyer = signedIn();
  const placed: string[] = [];
  // Pairs of orders have the same time: the id decides between them.
  for (let count = 0; count < 7; count++) {
    if (count % 2 === 0) api.pass(1);
    placed.push((await api.place(buyer)).id);
  }
  const listed: string[] = [];
  for (let next: string | undefined = '/api/orders?limit=2&status=pending'; next; ) {
    const answer: { body: { id: string }[]; headers: Record<string, string | undefined> } = await api.http
      .get(next)
      .set(buyer)
      .expect(200);
    expect(answer.body.length).toBeLessThanOrEqual(2);
    listed.push(...answer.body.map(({ id }) => id));
    next = /^<(.+)>; rel="next"$/.exec(answer.headers['link'] ?? '')?.[1];
  }
  expect(listed).toEqual(placed.toReversed());
});

test.each([
  'status=open',
  'limit=0',
  'limit=101',
  'limit=1e1',
  'limit=1&limit=2',
  'cursor=x',
  'cursor=',
  'status=',
])('When the query is %s, then 400 with the field', async (query) => {
  const { body } = await api.http.get(`/api/orders?${query}`).set(signedIn()).expect(400);
  expect(body.errors[0].field).toBe(query.split('=')[0]);
});

test('When there are more than 100 and no limit, then 100 come and a Link to the rest, which may grow', async () => {
  const [userId, ticketId] = [newId(), new mongoose.Types.ObjectId()];
  // Before those that are placed between the pages.
  const createdAt = new Date(Date.now() - 60_000);
  const ticket = { title: 't', price: 1, version: 0 };
  const common = { userId, ticketId, ticket, createdAt, expiresAt: createdAt, status: 'cancelled' };
  const records = Array.from({ length: 205 }, () => ({ ...common, version: 1, payments: [], history: [] }));
  const { insertedIds } = await api.database.collection('orders').insertMany(records);
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
