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

describe('GET /api/orders', () => {
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
});

describe('GET /api/orders/:orderId', () => {
  test('When the owner looks, then the order comes with its history', async () => {
    const buyer = signedIn();
    const order = await api.place(buyer);
    const { body } = await api.http.get(`/api/orders/${order.id}`).set(buyer).expect(200);
    expect(body.history).toEqual([
      { status: 'pending', version: 0, at: expect.any(String) as string, cause: 'buyer' },
    ]);
    expect(body).toMatchObject(order);
    api.pass(10_500);
    for (const path of ['/api/orders', `/api/orders/${order.id}`]) {
      const { body } = await api.http.get(path).set(buyer).expect(200);
      expect([body].flat()).toMatchObject([{ id: order.id, holdSecondsLeft: 890 }]);
    }
  });

  test('When the id is malformed, unknown or of somebody else, then 400, 404, 403', async () => {
    const order = await api.place(signedIn());
    await api.http.get('/api/orders/1').set(signedIn()).expect(400);
    await api.http.get(`/api/orders/${newId()}`).set(signedIn()).expect(404);
    await api.http.get(`/api/orders/${order.id}`).set(signedIn()).expect(403);
    await api.http.get(`/api/orders/${order.id}`).expect(401);
  });
});

describe('PATCH and DELETE /api/orders/:orderId', () => {
  test('When the owner cancels, then the ticket is free; cancelling again changes nothing', async () => {
    const buyer = signedIn();
    const order = await api.place(buyer);
    const path = `/api/orders/${order.id}`;
    const cancelled = await api.http.patch(path).set(buyer).send({ status: 'cancelled' }).expect(200);
    expect(cancelled.body).toMatchObject({ id: order.id, status: 'cancelled', version: 1 });
    const again = await api.http.patch(path).set(buyer).send({ status: 'cancelled' }).expect(200);
    expect(again.body).toEqual(cancelled.body);
    await api.http.delete(path).set(buyer).expect(204, '');
    await api.http.post('/api/orders').set(signedIn()).send({ ticketId: order.ticketId }).expect(201);
  });

  test('When the body is empty, then it means the same', async () => {
    const buyer = signedIn();
    const paths = [(await api.place(buyer)).id, (await api.place(buyer)).id].map((id) => `/api/orders/${id}`);
    await api.http
      .patch(paths[0] ?? '')
      .set(buyer)
      .expect(200);
    await api.http
      .patch(paths[1] ?? '')
      .set(buyer)
      .send({})
      .expect(200);
  });

  test.each([
    [{ status: 'paid' }],
    [{ status: ['cancelled'] }],
    [{ status: null }],
    [{ status: 'cancelled', price: 1 }],
    [[]],
    [['cancelled']],
  ])('When the body is %j, then 400 and nothing changes', async (body) => {
    const buyer = signedIn();
    const { id } = await api.place(buyer);
    await api.http.patch(`/api/orders/${id}`).set(buyer).send(body).expect(400);
    const { body: order } = await api.http.get(`/api/orders/${id}`).set(buyer);
    expect(order).toMatchObject({ status: 'pending', version: 0 });
  });

  test('When the order is paid or expired, then 409', async () => {
    const buyer = signedIn();
    for (const status of ['paid', 'expired'] as const) {
      const { id } = await api.place(buyer);
      await become(id, status);
      const refused = await api.http.patch(`/api/orders/${id}`).set(buyer).expect(409);
      expect(refused.body.errors[0].code).toBe(`order_${status}`);
      await api.http.delete(`/api/orders/${id}`).set(buyer).expect(409);
    }
  });

  test('When the hold is over, then cancelling expires the order and answers 409', async () => {
    const buyer = signedIn();
    const { id } = await api.place(buyer);
    api.pass(900_000);
    await api.http.delete(`/api/orders/${id}`).set(buyer).expect(409);
    const { body } = await api.http.get(`/api/orders/${id}`).set(buyer);
    expect(body).toMatchObject({ status: 'expired', version: 1 });
  });

  test('When the id is malformed, unknown or of somebody else, or nobody is signed in, then it is refused', async () => {
    const order = await api.place(signedIn());
    for (const method of ['patch', 'delete'] as const) {
      await api.http[method]('/api/orders/1').set(signedIn()).expect(400);
      await api.http[method](`/api/orders/${newId()}`).set(signedIn()).expect(404);
      await api.http[method](`/api/orders/${order.id}`).set(signedIn()).expect(403);
      await api.http[method](`/api/orders/${order.id}`).expect(401);
    }
  });
});
