import mongoose from 'mongoose';
import pino from 'pino';
import { newId, signedIn, storeTicket } from '../../../tests/support/buyer.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';
import { exchange, readAnswer } from '../../../tests/support/raw-http.ts';
import { openDatabase, startTestService, testConfig } from '../../../tests/support/running-service.ts';

let api: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi();
});

/** Sends a request with these lines in its head, and exactly these bytes behind it. */
const send = async (start: string, buyer: { Authorization: string }, lines: string[], body = '') => {
  const head = [`${start} HTTP/1.1`, 'Host: x', `Authorization: ${buyer.Authorization}`, 'Connection: close'];
  const bytes = Buffer.from([...head, ...lines, '', body].join('\r\n'));
  return readAnswer(await exchange(Number(new URL(api.service.url).port), bytes));
};
const problemsOf = (answer: { body: string } | undefined) =>
  (JSON.parse(answer?.body ?? '') as { errors: unknown[] }).errors;

const types = [
  'application/x-www-form-urlencoded',
  'text/plain;charset=UTF-8',
  'multipart/form-data',
  'application/json; charset=latin1',
  'garbage',
  '"',
  '',
];
const noBody: [how: string, lines: string[], body: string][] = [
  ['of length 0', ['Content-Length: 0'], ''],
  ['of length 0, compressed', ['Content-Length: 0', 'Content-Encoding: lzma'], ''],
  ['that is not announced', [], ''],
  ['of chunks, none', ['Transfer-Encoding: chunked'], '0\r\n\r\n'],
];

describe.each(noBody)('When a request has a body %s', (_, lines, body) => {
  test.each(types)('and the type %p, then it has no body', async (type) => {
    const buyer = signedIn();
    for (const [method, status] of [
      ['PATCH', 200],
      ['DELETE', 204],
    ] as const) {
      const { id } = await api.place(buyer);
      const all = [...lines, `Content-Type: ${type}`];
      expect((await send(`${method} /api/orders/${id}`, buyer, all, body))?.status).toBe(status);
    }
    const purchase = await send('POST /api/orders', buyer, [...lines, `Content-Type: ${type}`], body);
    expect(purchase?.status).toBe(400);
    expect(problemsOf(purchase)).toEqual([expect.objectContaining({ field: 'ticketId' })]);
  });
});

test.each(types)('When a body has the type %p, then 415 and the connection serves on', async (type) => {
  const { id } = await api.place(signedIn());
  const body = 'status=cancelled';
  for (const [line, framed] of [
    [`Content-Length: ${body.length}`, body],
    [
      'Transfer-Encoding: chunked',
      `1\r\n${body[0]}\r\n${(body.length - 1).toString(16)}\r\n${body.slice(1)}\r\n0\r\n\r\n`,
    ],
  ] as const) {
    const first = `PATCH /api/orders/${id} HTTP/1.1\r\nHost: x\r\nAuthorization: ${signedIn().Authorization}\r\n`;
    const second = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const text = await exchange(
      Number(new URL(api.service.url).port),
      Buffer.from(`${first}Content-Type: ${type}\r\n${line}\r\n\r\n${framed}${second}`),
    );
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 415', 'HTTP/1.1 200']);
  }
});

test.each(['utf8', 'UTF8', 'utf_8', '"utf8"', "'utf-8'", 'Utf-8', '"UTF-8"', 'utf-8 ', 'unicode-1-1-utf-8'])(
  'When the charset is %s, then it is UTF-8',
  async (charset) => {
    const ticketId = await storeTicket(api.database);
    await api.http
      .post('/api/orders')
      .set({ ...signedIn(), 'Content-Type': `application/json; charset=${charset}` })
      .send(JSON.stringify({ ticketId, note: 'é' }))
      .expect(201);
  },
);

test.each(['utf-16', 'utf-16le', 'utf-7', 'utf', '8', 'latin1', 'xutf8', 'utf88'])(
  'When the charset is %s, then 415',
  async (charset) => {
    const type = `application/json; charset=${charset}`;
    const post = api.http.post('/api/orders').set({ ...signedIn(), 'Content-Type': type });
    await post.send('{}').expect(415);
  },
);

/** JSON that is nested so deep, the object around it included. */
const nested = (depth: number, [open, close]: readonly [string, string]) =>
  `"note":${open.repeat(depth - 1)}1${close.repeat(depth - 1)}`;
const kinds = [
  ['[', ']'],
  ['{"a":', '}'],
  ['[{"a":[1,', ']}]'],
] as const;

test('When a body is nested 32 deep, then it is taken, and one that is deeper is malformed', async () => {
  const [arrays, objects] = kinds;
  for (const kind of [arrays, objects]) {
    const ticketId = await storeTicket(api.database);
    const buyer = signedIn();
    const post = (depth: number) =>
      api.http
        .post('/api/orders')
        .set({ ...buyer, 'Content-Type': 'application/json' })
        .send(`{${nested(depth, kind)},"ticketId":"${ticketId}"}`);
    for (const depth of [33, 34, 5_000]) {
      const { body } = await post(depth).expect(400);
      expect(body.errors).toEqual([{ message: expect.stringContaining('32') as string, code: 'malformed' }]);
    }
    await post(32).expect(201);
  }
});

test('When a cancellation or no object at all is nested deep, then it is malformed', async () => {
  const buyer = signedIn();
  const { id } = await api.place(buyer);
  for (const kind of kinds) {
    for (const text of [
      `{${nested(16_000 / kind.join('').length, kind)}}`,
      `${'['.repeat(33)}${']'.repeat(33)}`,
    ]) {
      const patch = api.http.patch(`/api/orders/${id}`).set({ ...buyer, 'Content-Type': 'application/json' });
      const { body } = await patch.send(text).expect(400);
      expect(body.errors).toEqual([expect.objectContaining({ code: 'malformed' })]);
    }
  }
});

test('When a purchase has unknown fields, then they are ignored, and nothing of them is stored or logged', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const config = testConfig();
  const database = await openDatabase(config);
  const { url } = await startTestService(config, { log });
  const unknown =
    '"status":"UNKNOWN-1","price":{"a":["UNKNOWN-2"]},"$where":"UNKNOWN-3","__proto__":{"userId":"UNKNOWN-4"},' +
    '"constructor":{"prototype":{"userId":"UNKNOWN-5"}},"UNKNOWN-6":1,"a.$set.b":"UNKNOWN-7","userId":"UNKNOWN-8"';
  const userId = newId();
  const buyer = { ...signedIn(userId), 'Content-Type': 'application/json', 'Idempotency-Key': 'mine' };
  const ticketId = await storeTicket(database);
  const post = (body: string) => fetch(`${url}/api/orders`, { method: 'POST', headers: buyer, body });
  const placed = await post(`{${unknown},"ticketId":"${ticketId}"}`);
  const text = await placed.text();
  expect([placed.status, text]).toEqual([201, expect.stringContaining(`"userId":"${userId}"`)]);
  // They do not make it another purchase, either.
  expect((await post(`{"ticketId":"${ticketId}"}`)).status).toBe(201);

  const _id = new mongoose.Types.ObjectId((JSON.parse(text) as { id: string }).id);
  const stored = JSON.stringify(await database.collection('orders').findOne({ _id }));
  for (const kept of [text, stored, lines.join()]) expect(kept).not.toMatch(/UNKNOWN|\$where|\$set/);
  expect(stored).toContain(ticketId);
  expect(lines.join()).toContain('request answered');
  expect(Object.hasOwn(Object.prototype, 'userId')).toBe(false);
});
