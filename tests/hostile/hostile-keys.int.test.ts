import jwt from 'jsonwebtoken';
import { newId, sessionCookie, signedIn, storeTicket } from '../support/buyer.ts';
import { type OrdersApi, startOrdersApi } from '../support/orders-api.ts';
import { jwtKey } from '../support/running-service.ts';

let api: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi();
});

/** An honest request but for these names. Written by hand: an object cannot have a `__proto__` of its own here. */
const additions = [
  '"$where":"1"',
  '"__proto__":{"admin":true}',
  '"constructor":{"prototype":{"admin":true}}',
  '"note":[{"deep":{"$gt":""}}]',
  '"note.__proto__.admin":true',
];
const json = { 'Content-Type': 'application/json' };

test.each(additions)(
  'When a body has %.60s beside what is asked for, then a purchase ignores it, and nothing is cancelled',
  async (added) => {
    const [buyer, ticketId] = [signedIn(), await storeTicket(api.database)];
    const post = api.http.post('/api/orders').set({ ...buyer, ...json });
    const placed = await post.send(`{"ticketId":"${ticketId}",${added}}`).expect(201);
    const path = `/api/orders/${placed.body.id}`;
    expect(placed.body).toMatchObject({ ticketId, status: 'pending', version: 0 });

    const patch = api.http.patch(path).set({ ...buyer, ...json });
    const { body } = await patch.send(`{"status":"cancelled",${added}}`).expect(400);
    expect(body.errors).toEqual([expect.objectContaining({ code: 'invalid' })]);
    expect((await api.http.get(path).set(buyer)).body).toMatchObject({ status: 'pending' });
    expect(({} as { admin?: true }).admin).toBeUndefined();
  },
);

test('When an operator lies deeper than anybody reads, then 400 and nothing is written', async () => {
  const [buyer, ticketId] = [signedIn(), await storeTicket(api.database)];
  const note = `${'['.repeat(10_000)}{"$gt":""}${']'.repeat(10_000)}`;
  const post = api.http.post('/api/orders').set({ ...buyer, ...json });
  await post.send(`{"ticketId":"${ticketId}","note":${note}}`).expect(400);
  expect((await api.http.get('/api/orders').set(buyer)).body).toEqual([]);
});

test.each([
  'status[$ne]=paid',
  '$where=1',
  '__proto__[status]=paid',
  'constructor.prototype.status=paid',
  'status=$ne',
  'cursor[$gt]=',
  'limit[$gt]=1',
])('When the query is %s, then 400', async (query) => {
  await api.http.get(`/api/orders?${query}`).set(signedIn()).expect(400);
});

test.each(['{"$gt":""}', '__proto__', '$where', 'constructor'])(
  'When the id of an order is %s, then 400',
  async (id) => {
    await api.http
      .get(`/api/orders/${encodeURIComponent(id)}`)
      .set(signedIn())
      .expect(400);
  },
);

const token = jwt.sign({ id: newId() }, jwtKey);

test.each([
  '{"jwt":{"$gt":""}}',
  `{"__proto__":{"jwt":"${token}"}}`,
  `{"constructor":{"prototype":{"jwt":"${token}"}}}`,
  `["${token}"]`,
])('When the cookie is %.40s, then nobody is signed in', async (session) => {
  const cookie = `express:sess=${Buffer.from(session).toString('base64')}`;
  const answer = await api.http.get('/api/orders').set('Cookie', cookie).expect(401);
  expect(answer.headers['set-cookie']).toBeUndefined();
});

test.each(['{"id":{"$ne":""}}', '{"__proto__":{"id":"x"}}', '{"constructor":{"id":"x"}}', '{"id":["x"]}'])(
  'When the payload of a good token is %s, then nobody is signed in',
  async (payload) => {
    const signed = jwt.sign(payload, jwtKey);
    await api.http.get('/api/orders').set('Cookie', sessionCookie(signed)).expect(401);
    await api.http.get('/api/orders').set('Authorization', `Bearer ${signed}`).expect(401);
  },
);
