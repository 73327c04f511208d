import { sessionCookie, signedIn } from '../../../tests/support/buyer.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';
import { exchange, readAnswer } from '../../../tests/support/raw-http.ts';

const [here, there, friend] = ['tickets.example', 'https://evil.example', 'https://shop.example'];

const cookie = sessionCookie(signedIn().Authorization.replace('Bearer ', ''));

let api: OrdersApi;
let behindProxy: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi({ allowedOrigins: [friend] });
  behindProxy = await startOrdersApi({ trustProxy: 1 });
});

/** Sends a POST with these headers, and exactly this body; resolves with its status and its error's code. */
async function send(headers: Record<string, string>, { of = api, body = 'x=1', path = '/api/orders' } = {}) {
  const all = { Host: here, Connection: 'close', Cookie: cookie, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const head = [`POST ${path} HTTP/1.1`, ...lines, `Content-Length: ${body.length}`, '', body].join('\r\n');
  const answer = readAnswer(await exchange(Number(new URL(of.service.url).port), Buffer.from(head)));
  const { errors } = JSON.parse(answer?.body ?? '') as { errors: { code: string }[] };
  return [answer?.status, errors[0]?.code];
}

const refused = [403, 'cross_site'];
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

test.each([
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain;charset=UTF-8',
  'TEXT/PLAIN',
  '',
])('When another site sends the type %p, then 403 before anything else is looked at', async (type) => {
  const foreign = { 'Content-Type': type, Origin: there, 'Sec-Fetch-Site': 'cross-site' };
  expect(await send(foreign)).toEqual(refused);
  expect(await send({ ...foreign, Cookie: '' })).toEqual(refused);
  expect(await send(foreign, { path: '/elsewhere' })).toEqual(refused);
  expect(await send({ ...foreign, Origin: friend })).not.toEqual(refused);
});

test('When a request has no type at all, then another site is refused, and its own one is not', async () => {
  expect(await send({ 'Sec-Fetch-Site': 'cross-site' }, { body: '' })).toEqual(refused);
  expect(await send({ 'Sec-Fetch-Site': 'same-origin' }, { body: '' })).toEqual([400, 'invalid']);
});

test.each([
  ['says where it comes from', { Origin: there, 'Sec-Fetch-Site': 'same-site' }, false],
  ['was typed by the user', { 'Sec-Fetch-Site': 'none' }, false],
  ['names neither site nor origin', {}, false],
  ['names another host', { Origin: there }, true],
  ['names no host', { Origin: 'null' }, true],
  ['names what is no origin', { Origin: 'garbage/' }, true],
  ['names a part of the host', { Origin: 'https://tickets.example.evil.example' }, true],
  ['names this host', { Origin: 'http://tickets.example' }, false],
  ['names this host by another scheme and in capitals', { Origin: 'https://TICKETS.example' }, false],
  ['names a port, and the host has none', { Origin: 'http://tickets.example:3000' }, false],
  ['names another port', { Origin: 'http://tickets.example:3001', Host: 'tickets.example:3000' }, true],
  ['names the same port', { Origin: 'http://tickets.example:3000', Host: 'tickets.example:3000' }, false],
  ['names an IPv6 host', { Origin: 'http://[::1]:3000', Host: '[::1]' }, false],
  ['is from an origin that is let in', { Origin: friend }, false],
  ['has a bearer token', { Origin: there, ...signedIn() }, false],
  ['has another kind of authorization', { Origin: there, Authorization: 'Basic eDp5' }, true],
])('When the request of a form %s, then it is refused: %3$s', async (_, headers, isRefused) => {
  expect((await send({ ...form, ...headers }))[0]).toBe(isRefused ? 403 : 415);
});

test('When another site sends JSON, then the browser has asked before, and it is not refused', async () => {
  const json = { 'Content-Type': 'application/json', Origin: there, 'Sec-Fetch-Site': 'cross-site' };
  expect(await send(json, { body: '{}' })).toEqual([400, 'invalid']);
});

test('When a proxy ends TLS, then the host that it was asked for counts', async () => {
  const forwarded = { ...form, Host: 'orders-srv:3000', 'X-Forwarded-Host': here };
  expect((await send({ ...forwarded, Origin: `https://${here}` }, { of: behindProxy }))[0]).toBe(415);
  expect(await send({ ...forwarded, Origin: there }, { of: behindProxy })).toEqual(refused);
  // A client that is no trusted proxy cannot name the host.
  expect(await send({ ...form, 'X-Forwarded-Host': 'evil.example', Origin: there })).toEqual(refused);
});
