import { METHODS } from 'node:http';
import { newId, signedIn } from '../../../tests/support/buyer.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';
import { exchange, readAnswer } from '../../../tests/support/raw-http.ts';
import { startTestService, testConfig } from '../../../tests/support/running-service.ts';
import { scrape, sumOf } from '../../../tests/support/scrape.ts';

let api: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi();
});

const orders = 'GET, HEAD, OPTIONS, POST';
const order = 'DELETE, GET, HEAD, OPTIONS, PATCH';
const readOnly = 'GET, HEAD, OPTIONS';
const paths: [path: string, allow: string][] = [
  ['/api/orders', orders],
  ['/api/orders/', orders],
  ['/API/Orders?staus=paid', orders],
  [`/api/orders/${newId()}`, order],
  ['/api/orders/no-id', order],
  // These lie where an order's id would.
  ...['/api/orders/docs', '/api/orders/docs/start.js', '/api/orders/openapi.json'].map(
    (path): [string, string] => [path, readOnly],
  ),
  ...['/healthz', '/readyz', '/metrics'].map((path): [string, string] => [path, readOnly]),
];

const ask = async (url: string, method: string, path: string) =>
  readAnswer(
    await exchange(
      Number(new URL(url).port),
      Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    ),
  );

test.each(paths)('When %s is asked for its methods, then 204 with Allow: %s', async (path, allow) => {
  const answer = await ask(api.service.url, 'OPTIONS', path);
  expect([answer?.status, answer?.headers.get('allow'), answer?.body]).toEqual([204, allow, '']);
});

test.each(paths)('When %s is asked for by any other method, then 405 with Allow: %s', async (path, allow) => {
  const others = METHODS.filter((method) => method !== 'CONNECT' && !allow.split(', ').includes(method));
  expect(others).toEqual(expect.arrayContaining(['PUT', 'TRACE', 'PROPFIND']));
  for (const method of others) {
    const answer = await ask(api.service.url, method, path);
    expect([method, answer?.status, answer?.headers.get('allow')]).toEqual([method, 405, allow]);
    const { errors } = JSON.parse(answer?.body ?? '') as { errors: unknown };
    expect(errors).toEqual([{ message: expect.any(String) as string, code: 'method_not_allowed' }]);
  }
});

test.each([`/api/orders/${newId()}/x`, '/api/order', '/', '*'])(
  'When the path %s is unknown, then its methods are, too',
  async (path) => {
    for (const method of ['OPTIONS', 'PUT']) {
      const answer = await ask(api.service.url, method, path);
      expect([answer?.status, answer?.headers.has('allow')]).toEqual([404, false]);
    }
  },
);

test('When the probes have a port of their own, then their paths are answered there as well', async () => {
  const { probesUrl = '' } = await startTestService(testConfig({ probesPort: 0 }));
  expect((await ask(probesUrl, 'OPTIONS', '/metrics'))?.headers.get('allow')).toBe(readOnly);
  expect((await ask(probesUrl, 'POST', '/readyz'))?.status).toBe(405);
});

test('When HEAD comes, then it is answered as GET is, without the body', async () => {
  const buyer = signedIn();
  const { id } = await api.place(buyer);
  for (const path of ['/api/orders', `/api/orders/${id}`, '/healthz', '/api/orders/openapi.json']) {
    const [head, get] = [await api.http.head(path).set(buyer), await api.http.get(path).set(buyer)];
    expect([head.status, head.text ?? '']).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  }
  await api.http.head(`/api/orders/${newId()}`).set(buyer).expect(404);
});

test('When such requests are counted, then it is under their route, and rare methods are together', async () => {
  const { url } = await startTestService(testConfig());
  for (const method of ['OPTIONS', 'PUT', 'TRACE', 'PROPFIND'])
    await ask(url, method, `/api/orders/${newId()}`);
  const samples = await scrape(url);
  const count = (labels: Record<string, string>) =>
    sumOf(samples, 'orders_http_request_duration_seconds_count', {
      route: '/api/orders/:orderId',
      ...labels,
    });
  expect(count({ method: 'OPTIONS', status: '204' })).toBe(1);
  expect(count({ method: 'PUT', status: '405' })).toBe(1);
  expect(count({ method: 'other', status: '405' })).toBe(2);
});
