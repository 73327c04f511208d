import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import jwt from 'jsonwebtoken';
import pino from 'pino';
import supertest from 'supertest';
import { newId, sessionCookie, signedIn } from '../../../tests/support/buyer.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';
import { exchange } from '../../../tests/support/raw-http.ts';
import { jwtKey } from '../../../tests/support/running-service.ts';
import { createApp } from './app.ts';
import { listen } from './server.ts';

let api: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi();
});

const post = (headers: Record<string, string>, body: string | Buffer) =>
  api.http
    .post('/api/orders')
    .set({ 'Content-Type': 'application/json', ...signedIn(), ...headers })
    .send(body);

describe('bodies', () => {
  test.each([
    ['malformed JSON', 400, {}, '{"ticketId":'],
    ['over 32 kB', 413, {}, JSON.stringify({ ticketId: 'x'.repeat(33_000) })],
    ['of another media type', 415, { 'Content-Type': 'text/plain' }, 'x'],
    ['of another charset', 415, { 'Content-Type': 'application/json; charset=latin1' }, '{}'],
    [
      'in UTF-16',
      415,
      { 'Content-Type': 'application/json; charset=utf-16le' },
      Buffer.from('{}', 'utf16le'),
    ],
    ['of another encoding', 415, { 'Content-Encoding': 'lzma' }, '{}'],
    ['not compressed as it says', 400, { 'Content-Encoding': 'gzip' }, '{}'],
    ['compressed twice', 415, { 'Content-Encoding': 'gzip, gzip' }, '{}'],
    ['over 32 kB when it is read', 413, { 'Content-Encoding': 'gzip' }, gzipSync('x'.repeat(33_000))],
    ['no object', 400, {}, 'true'],
    ['nested too deep', 400, {}, `${'['.repeat(33)}${']'.repeat(33)}`],
  ] as const)('When the body is %s, then %i in the error shape', async (_, status, headers, body) => {
    const answer = await post(headers, body)
      .serialize((data: string | Buffer) => data as string)
      .expect(status);
    expect(answer.headers['x-powered-by']).toBeUndefined();
    expect(answer.body).toEqual({
      errors: [{ message: expect.any(String) as string, code: expect.any(String) as string }],
    });
  });

  test('When the body is compressed, then it is read, up to the same size', async () => {
    const body = gzipSync(JSON.stringify({ ticketId: newId() }));
    await post({ 'Content-Encoding': 'gzip' }, body)
      .serialize((data: Buffer) => data as unknown as string)
      .expect(404);
  });
});

test.each([
  ['empty, in chunks', '', 404],
  ['of no type', '{"status":"cancelled"}', 415],
])('When the body of a PATCH is %s, then %i', async (_, body, status) => {
  const chunks = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
  const answer = await exchange(
    Number(new URL(api.service.url).port),
    Buffer.from(
      `PATCH /api/orders/${newId()} HTTP/1.1\r\nHost: x\r\nAuthorization: ${signedIn().Authorization}\r\n` +
        `Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
    ),
  );
  expect(answer).toContain(`HTTP/1.1 ${status} `);
});

test.each([
  ['GET', '/'],
  ['GET', '/api/order'],
  ['PUT', '/api/order'],
  ['POST', `/api/orders/${'a'.repeat(24)}/x`],
])('When %s %s is asked for, then 404 in the error shape', async (method, path) => {
  const answer = await fetch(`${api.service.url}${path}`, { method });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ errors: [expect.objectContaining({ code: 'not_found' })] });
});

test('When a path cannot be decoded, then 400', async () => {
  await api.http.get('/api/orders/%ff').set(signedIn()).expect(400);
});

test.each([
  ['too large', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['not HTTP', 'hello\r\n\r\n', 400],
])('When the head of a request is %s, then it is answered in the error shape', async (_, head, status) => {
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(api.service.url).port), '127.0.0.1', () => socket.write(head));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
  });
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({ errors: [expect.objectContaining({})] });
});

describe('sessions', () => {
  const id = newId();
  const token = jwt.sign({ id, email: 'a@example.com' }, jwtKey);
  const list = (headers: Record<string, string>) => api.http.get('/api/orders').set(headers);

  test('When the session comes by cookie or by bearer token, then the user is signed in', async () => {
    await list({ Cookie: sessionCookie(token) }).expect(200);
    await list({ Authorization: `bearer ${token}` }).expect(200);
    await list({ Authorization: 'Basic eDp5', Cookie: sessionCookie(token) }).expect(200);
  });

  test('When both come, then the bearer token wins', async () => {
    await list({ Authorization: 'Bearer x', Cookie: sessionCookie(token) }).expect(401);
    await list({ Authorization: `Bearer ${token}`, Cookie: 'express:sess=x' }).expect(200);
  });

  const bad: [string, string][] = [
    ['garbage', 'garbage'],
    ['of another key', jwt.sign({ id }, 'another key')],
    ['of another algorithm', jwt.sign({ id }, jwtKey, { algorithm: 'HS512' })],
    ['unsigned', jwt.sign({ id }, '', { algorithm: 'none' })],
    ['expired', jwt.sign({ id, exp: 1 }, jwtKey)],
    ['without an id', jwt.sign({ email: 'x' }, jwtKey)],
    ['with an empty id', jwt.sign({ id: '' }, jwtKey)],
    ['with an id that is no string', jwt.sign({ id: { $ne: '' } }, jwtKey)],
    ['no object', jwt.sign('text', jwtKey)],
  ];
  test.each(bad)('When the token is %s, then nobody is signed in', async (_, wrong) => {
    await list({ Authorization: `Bearer ${wrong}` }).expect(401);
    await list({ Cookie: sessionCookie(wrong) }).expect(401);
  });

  test.each([
    'express:sess=%%%',
    'express:sess=e30',
    'express:sess=bnVsbA==',
    'express:sess=eyJqd3QiOjF9',
    'express:sess=',
  ])('When the cookie is %s, then 401 and no cookie is set', async (cookie) => {
    const answer = await list({ Cookie: cookie }).expect(401);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

test('When a request has an id, then it is kept if it is sane, and no answer tells what serves it', async () => {
  const kept = await api.http.get('/api/orders').set('X-Request-Id', 'abc-1');
  expect(kept.headers['x-request-id']).toBe('abc-1');
  expect(kept.headers['x-powered-by']).toBeUndefined();
  // The host is shared by others, and whoever ends TLS for it decides.
  expect(kept.headers['strict-transport-security']).toBeUndefined();
  const made = await api.http.get('/api/orders').set('X-Request-Id', 'a b');
  expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('When a handler rejects, then the answer is a clean 500 and the details are only in the log', async () => {
  const lines: string[] = [];
  const app = createApp({
    log: pino({}, { write: (line: string) => void lines.push(line) }),
    probes: () => undefined,
    trustProxy: 0,
    session: (_req, _res, next) => next(),
    routes: (routed) => routed.get('/broken', async () => Promise.reject(new Error('the secret detail'))),
  });
  const server = await listen(app, 0);
  try {
    const { body } = await supertest(`http://127.0.0.1:${server.port}`)
      .get('/broken')
      .set({ Cookie: 'express:sess=SESSION', Authorization: 'Bearer TOKEN', 'X-Request-Id': 'r-1' })
      .expect(500);
    expect(body).toEqual({
      errors: [{ message: 'Something went wrong on our side', code: 'internal', requestId: 'r-1' }],
    });
    expect(lines.join()).toContain('the secret detail');
    expect(lines.join()).not.toMatch(/SESSION|TOKEN/);
  } finally {
    await server.stop();
  }
});

test('When the error handler itself fails, then the answer still has no stack trace', async () => {
  const noRoom = () => {
    throw new Error('no room for the log');
  };
  const app = createApp({
    log: pino({}, { write: noRoom }),
    probes: (probed) => void probed.get('/broken', () => Promise.reject(new Error('the secret detail'))),
    trustProxy: 0,
    session: (_req, _res, next) => next(),
    routes: () => undefined,
  });
  const complaint = jest.spyOn(console, 'error').mockImplementation();
  const answer = await supertest(app).get('/broken').expect(500);
  await eventually(() => complaint.mock.calls.length > 0);
  complaint.mockRestore();
  expect(answer.text).not.toMatch(/\n *at |&nbsp;at |secret|\.ts/);
});
