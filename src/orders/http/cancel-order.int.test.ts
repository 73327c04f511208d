import mongoose from 'mongoose';
import { newId, signedIn } from '../../../tests/support/buyer.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';
import { connectPeer, type Peer } from '../../../tests/support/running-service.ts';

let api: OrdersApi;
let peer: Peer;
beforeAll(async () => {
  api = await startOrdersApi();
  peer = await connectPeer(api.config);
});

const seen = (eventId: string) => peer.seen.filter(({ data }) => data['eventId'] === eventId);
const orders = () => api.database.collection('orders');
const stored = (id: string) => orders().findOne({ _id: new mongoose.Types.ObjectId(id) });

/** Makes the order what a payment or the end of its time would have made it. */
async function become(orderId: string, status: 'paid' | 'expired'): Promise<void> {
  const _id = new mongoose.Types.ObjectId(orderId);
  await api.database.collection('orders').updateOne({ _id }, { $set: { status } });
}

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

test('When an order is cancelled again and again at once, then there is one change and one event', async () => {
  const buyer = signedIn();
  const { id } = await api.place(buyer);
  const path = `/api/orders/${id}`;
  const answers = await Promise.all(Array.from({ length: 10 }, () => api.http.patch(path).set(buyer)));
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.version}`))).toEqual(new Set(['200 1']));
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
