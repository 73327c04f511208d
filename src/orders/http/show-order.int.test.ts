import { newId, signedIn } from '../../../tests/support/buyer.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';

let api: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi();
});

test('When the owner asks for an order, then it comes with its history', async () => {
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
