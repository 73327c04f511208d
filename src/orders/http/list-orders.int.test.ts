import mongoose from 'mongoose';
import { newId, signedIn } from '../../../tests/support/buyer.ts';
import { readPages, storePastOrders } from '../../../tests/support/order-pages.ts';
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
  const pages = await readPages(api, { buyer, path: '/api/orders?limit=2&status=pending' });
  expect(pages.map(({ ids }) => ids.length)).toEqual([2, 2, 2, 1]);
  expect(pages.map(({ link }) => link?.rel)).toEqual(['next', 'next', 'next', undefined]);
  expect(pages.flatMap(({ ids }) => ids)).toEqual(placed.toReversed());
  // Nobody asked for an order, so the Link is what it has always been.
  expect(pages[0]?.link?.path).toMatch(/^\/api\/orders\?status=pending&limit=2&cursor=[\w-]+$/);
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
  'sort=',
  'sort=id',
  'sort=+createdAt',
  'sort=createdAt&sort=-createdAt',
  'page=',
  'page=next',
])('When the query is %s, then 400 with the field', async (query) => {
  const { body } = await api.http.get(`/api/orders?${query}`).set(signedIn()).expect(400);
  expect(body.errors[0].field).toBe(query.split('=')[0]);
});

test('When there are more than 100 and no limit, then 100 come and a Link to the rest, which may grow', async () => {
  const userId = newId();
  const buyer = signedIn(userId);
  // Before those that are placed between the pages.
  const createdAt = new Date(Date.now() - 60_000);
  const stored = await storePastOrders(api.database, { userId, times: Array(205).fill(createdAt) });
  const pages = await readPages(api, { buyer, path: '/api/orders', afterPage: () => api.place(buyer) });
  expect(pages.map(({ ids }) => ids.length)).toEqual([100, 100, 5]);
  expect(pages.flatMap(({ ids }) => ids)).toEqual(stored.toReversed());
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
