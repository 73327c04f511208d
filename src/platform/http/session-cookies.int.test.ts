import cookieSession from 'cookie-session';
import express from 'express';
import jwt from 'jsonwebtoken';
import supertest from 'supertest';
import { newId, sessionCookie } from '../../../tests/support/buyer.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';
import { jwtKey } from '../../../tests/support/running-service.ts';

let api: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi();
});

const token = jwt.sign({ id: newId() }, jwtKey);
const base64 = (session: string) => Buffer.from(session).toString('base64');

/** The package would answer each of them with a cookie of its own: it writes the session otherwise than it came. */
const rewritten: [string, string, number][] = [
  ['empty, without padding', 'e30', 401],
  ['null', base64('null'), 401],
  ['a text', base64('"text"'), 401],
  ['a number', base64('7'), 401],
  ['a list', base64(JSON.stringify([token])), 401],
  ['of another application', base64('{ "views": 1, "passport": { "user": "anna" } }'), 401],
  ['over-long', base64(`{"views":"${'x'.repeat(11_000)}", "jwt":1}`), 401],
  ['good, with spaces', base64(`{ "jwt": "${token}" }`), 200],
  ['good, over-long', base64(`{"jwt":"${token}"${' '.repeat(10_000)}}`), 200],
  ['good, without padding', base64(`{"jwt":"${token}","a":1}`).replace(/=+$/, ' '), 200],
  ['good, with a name of Object', base64(`{"jwt":"${token}","__proto__":{"admin":true}}`), 200],
];
/** What the package takes for no session, or for the one that it would write. */
const kept: [string, string, number][] = [
  ['nothing', '', 401],
  ['empty', base64('{}'), 401],
  ['garbage', '%%%', 401],
  ['garbage of 12 kB', 'x'.repeat(12_000), 401],
  ['half of one', base64(`{"jwt":"${token}"`), 401],
  ['nested deep', base64('['.repeat(9_000) + ']'.repeat(2_000)), 401],
  ['good', base64(`{"jwt":"${token}"}`), 200],
];

test.each([...rewritten, ...kept])(
  'When the session is %s, then the answer sets no cookie',
  async (_, value, status) => {
    const cookie = `express:sess=${value}`;
    const list = await api.http.get('/api/orders').set('Cookie', cookie).expect(status);
    expect(list.headers['set-cookie']).toBeUndefined();
    const missing = await api.http.get('/api/missing').set('Cookie', cookie).expect(404);
    expect(missing.headers['set-cookie']).toBeUndefined();
  },
);

test.each(rewritten)(
  'When cookie-session alone reads a session that is %s, then it sets it',
  async (_, value) => {
    const app = express();
    app.use(cookieSession({ name: 'express:sess', signed: false }));
    app.use((req, res) => void res.json(req.session?.['jwt'] ?? null));
    const { headers } = await supertest(app).get('/').set('Cookie', `express:sess=${value}`);
    expect(headers['set-cookie']).toHaveLength(1);
  },
);

test('When a browser sends two sessions, then the first that is good counts', async () => {
  const [anna, bert] = [newId(), newId()];
  const cookieOf = (id: string, key = jwtKey) => sessionCookie(jwt.sign({ id }, key));
  const placed = await api.place({ Cookie: cookieOf(anna) });
  const read = (...cookies: string[]) =>
    api.http.get(`/api/orders/${placed.id}`).set('Cookie', cookies.join('; '));
  await read(cookieOf(bert, 'another key'), 'other=1', cookieOf(anna)).expect(200);
  await read(cookieOf(anna), cookieOf(bert)).expect(200);
  await read(cookieOf(bert), cookieOf(anna)).expect(403);
});
