import mongoose from 'mongoose';
import { newId, signedIn, storeTicket } from '../../../tests/support/buyer.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';

let api: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi();
});

const post = (buyer: Record<string, string>, body: object, headers: Record<string, string> = {}) =>
  api.http.post('/api/orders').set(buyer).set(headers).send(body);

test('When a ticket is free, then the answer is the order with its snapshot, and where it is', async () => {
  const userId = newId();
  const ticketId = await storeTicket(api.database, { price: 12.5, version: 3 });
  const { body, headers } = await post(signedIn(userId), { ticketId }).expect(201);
  expect(body).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
    userId,
    status: 'pending',
    expiresAt: new Date(Date.parse(body.createdAt as string) + 900_000).toISOString(),
    holdSecondsLeft: 900,
    createdAt: expect.any(String) as string,
    version: 0,
    ticketId,
    ticket: { id: ticketId, title: expect.any(String) as string, price: 12.5, version: 3 },
  });
  expect(headers['location']).toBe(`/api/orders/${body.id}`);
  expect(headers).not.toHaveProperty('idempotency-replayed');
});

test.each([
  [{}],
  [{ ticketId: 5 }],
  [{ ticketId: '' }],
  [{ ticketId: `0x${'a'.repeat(22)}` }],
  [{ ticketId: ['a'.repeat(24)] }],
  [{ ticketId: { $ne: null } }],
  [[]],
])('When the body is %j, then it is refused with the field', async (body) => {
  const answer = await post(signedIn(), body).expect(400);
  expect(answer.body).toEqual({
    errors: [
      { message: expect.stringContaining('24 hexadecimal') as string, field: 'ticketId', code: 'invalid' },
    ],
  });
});

test('When nobody is signed in, then 401; when there is no such ticket, then 404', async () => {
  await api.http.post('/api/orders').send({ ticketId: newId() }).expect(401);
  await post(signedIn(), { ticketId: newId() }).expect(404);
});

test('When the ticket is held, then others learn until when, and its holder which order it is', async () => {
  const holder = signedIn();
  const order = await api.place(holder);
  api.pass(10_500);
  const refused = await post(signedIn(), { ticketId: order.ticketId }).expect(409);
  expect(refused.headers['retry-after']).toBe('890');
  expect(refused.body.errors).toEqual([
    { message: expect.any(String) as string, code: 'ticket_reserved', availableAt: order.expiresAt },
  ]);
  const own = await post(holder, { ticketId: order.ticketId }).expect(409);
  expect(own.body.errors[0]).toMatchObject({ code: 'ticket_reserved', orderId: order.id });
});

test('When the ticket is paid for, then it is sold and there is nothing to wait for', async () => {
  const order = await api.place(signedIn());
  await api.database
    .collection('orders')
    .updateOne({ _id: new mongoose.Types.ObjectId(order.id) }, { $set: { status: 'paid' } });
  const refused = await post(signedIn(), { ticketId: order.ticketId }).expect(409);
  expect(refused.body.errors[0]).toMatchObject({ code: 'ticket_sold' });
  expect(refused.headers['retry-after']).toBeUndefined();
});

test('When a buyer comes the moment a hold ends, then the ticket changes hands and the old order is expired', async () => {
  const holder = signedIn();
  const order = await api.place(holder);
  api.pass(Date.parse(order.expiresAt) - Date.now() + 900_000);
  await post(signedIn(), { ticketId: order.ticketId }).expect(201);
  const { body } = await api.http.get(`/api/orders/${order.id}`).set(holder).expect(200);
  expect(body).toMatchObject({ status: 'expired', version: 1 });
  expect(body.history).toHaveLength(2);
});

describe('Idempotency-Key', () => {
  const key = () => ({ 'Idempotency-Key': newId() });

  test('When twenty requests come at once with one key, then they all get the same order', async () => {
    const [buyer, headers] = [signedIn(), key()];
    const ticketId = await storeTicket(api.database);
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(buyer, { ticketId }, headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.id as string)).size).toBe(1);
    const replayed = answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true');
    expect(replayed.length).toBeGreaterThanOrEqual(19);
  });

  test('When the twenty want different tickets, then one of them gets its order, and the key is used for it', async () => {
    const [buyer, headers] = [signedIn(), key()];
    const tickets = await Promise.all(Array.from({ length: 20 }, async () => storeTicket(api.database)));
    const answers = await Promise.all(tickets.map((ticketId) => post(buyer, { ticketId }, headers)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(19).fill(422)]);
    const { body } = await api.http.get('/api/orders').set(buyer).expect(200);
    expect(body).toMatchObject([{ id: answers.find(({ status }) => status === 201)?.body.id }]);
  });

  test.each([
    ['the data of the user were removed', { $unset: { idempotency: 1 } }],
    ['the order went to another user', {}],
  ])('When %s after the purchase, then the key shows their order to nobody', async (_, removed) => {
    const [buyer, headers] = [signedIn(), key()];
    const ticketId = await storeTicket(api.database);
    const { body } = await post(buyer, { ticketId }, headers).expect(201);
    const _id = new mongoose.Types.ObjectId(body.id as string);
    const erased = { $set: { userId: `erased-${newId()}` }, ...removed };
    await api.database.collection('orders').updateOne({ _id }, erased);
    await post(buyer, { ticketId }, headers).expect(422);
    await post(buyer, { ticketId }, key()).expect(409);
  });

  test('When the payload is another, then 422, though the ticket does not exist', async () => {
    const [buyer, headers] = [signedIn(), key()];
    await post(buyer, { ticketId: await storeTicket(api.database) }, headers).expect(201);
    await post(buyer, { ticketId: await storeTicket(api.database) }, headers).expect(422);
    await post(buyer, { ticketId: newId() }, headers).expect(422);
  });

  test('When the order was cancelled, then the replay shows it and takes nothing over', async () => {
    const [buyer, headers] = [signedIn(), key()];
    const ticketId = await storeTicket(api.database);
    const first = await post(buyer, { ticketId }, headers).expect(201);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    const { body } = first;
    await api.http.delete(`/api/orders/${body.id}`).set(buyer).expect(204);
    await post(signedIn(), { ticketId }).expect(201);
    const replay = await post(buyer, { ticketId }, headers).expect(201);
    expect(replay.body).toMatchObject({ id: body.id, status: 'cancelled', version: 1, holdSecondsLeft: 0 });
    expect(replay.headers['idempotency-replayed']).toBe('true');
  });

  test('When the copy of the ticket is gone, then the replay shows the order all the same', async () => {
    const [buyer, headers] = [signedIn(), key()];
    const ticketId = await storeTicket(api.database);
    const { body } = await post(buyer, { ticketId }, headers).expect(201);
    await api.database.collection('tickets').deleteOne({ _id: new mongoose.Types.ObjectId(ticketId) });
    const replay = await post(buyer, { ticketId }, headers).expect(201);
    expect(replay.body.id).toBe(body.id);
  });

  test('When a request was refused, or another user has the key, then the key is still free', async () => {
    const [buyer, headers] = [signedIn(), key()];
    const { id, ticketId } = await api.place(buyer);
    await post(buyer, { ticketId }, headers).expect(409);
    await api.http.delete(`/api/orders/${id}`).set(buyer).expect(204);
    await post(buyer, { ticketId }, headers).expect(201);
    await post(signedIn(), { ticketId: await storeTicket(api.database) }, headers).expect(201);
  });

  test.each([
    ['empty', ''],
    ['too long', 'k'.repeat(256)],
    ['not ASCII', 'clé'],
  ])('When the key is %s, then 400', async (_, value) => {
    const ticketId = await storeTicket(api.database);
    await post(signedIn(), { ticketId }, { 'Idempotency-Key': value }).expect(400);
  });
});
