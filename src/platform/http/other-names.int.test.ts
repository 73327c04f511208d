import { newId, signedIn, storeTicket } from '../../../tests/support/buyer.ts';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';

let api: OrdersApi;
let buyer: { Authorization: string };
let order: { id: string };
beforeAll(async () => {
  api = await startOrdersApi();
  buyer = signedIn();
  order = await api.place(buyer);
});

const list = (query: string) => api.http.get(`/api/orders?${query}`).set(buyer);

test.each([
  ['staus=paid', ['staus']],
  ['status[]=paid', ['status[]']],
  ['%73taus=paid', ['staus']],
  ['Status=paid', ['Status']],
  ['=paid', ['']],
  ['status', ['status']],
  ['status=paid&status=pending', ['status']],
  ['status=paid&status=paid', ['status']],
  ['limit=1&limit=2', ['limit']],
  ['cursor=x&cursor=x', ['cursor']],
  ['limit=1&cursor=&limit=1&cursor=&x', ['limit', 'cursor', 'x']],
  // Names that every object has are no parameters, either.
  ['__proto__=paid', ['__proto__']],
  ['constructor=paid&toString=1&hasOwnProperty', ['constructor', 'toString', 'hasOwnProperty']],
  ['__proto__[status]=paid', ['__proto__[status]']],
  ['status[$ne]=paid', ['status[$ne]']],
  // A parser that stops counting would not see it.
  [`${'&'.repeat(1_200)}staus=paid`, ['staus']],
  [`${'x'.repeat(500)}=1`, ['x'.repeat(100)]],
])('When orders are listed by %s, then 400 names what is wrong', async (query, fields) => {
  const { body } = await list(query).expect(400);
  expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
  for (const error of body.errors) {
    expect(error).toEqual({ field: error.field, code: 'invalid', message: expect.any(String) as string });
  }
});

test('When hundreds of names are wrong, then the answer is no longer than the request, and names some', async () => {
  const names = Array.from({ length: 1_100 }, (_, index) => `x${index}`);
  const { body, text } = await list(names.join('&')).expect(400);
  expect(body.errors.slice(0, 2).map(({ field }: { field: string }) => field)).toEqual(['x0', 'x1']);
  expect(text.length).toBeLessThan(names.join('&').length);
});

test('When known names come once each, or none at all, then the list comes', async () => {
  for (const query of ['', '&&', 'status=pending', 'limit=1&status=pending', '%73tatus=pending']) {
    const { body } = await list(query).expect(200);
    expect(body).toEqual([expect.objectContaining({ id: order.id })]);
  }
});

test('When any other request on orders has a query, then 400 names it, and nothing is done', async () => {
  const [path, ticketId] = [`/api/orders/${order.id}`, await storeTicket(api.database)];
  const requests = [
    api.http.post('/api/orders?dryRun=1').send({ ticketId }),
    api.http.get(`${path}?dryRun=1`),
    api.http.patch(`${path}?dryRun=1`),
    api.http.delete(`${path}?dryRun=1&status=paid`),
  ];
  for (const request of requests) {
    const { body } = await request.set(buyer).expect(400);
    expect(body.errors[0]).toMatchObject({ field: 'dryRun', code: 'invalid' });
  }
  const { body } = await list('').expect(200);
  expect(body).toEqual([expect.objectContaining({ id: order.id, status: 'pending' })]);
});

test('When a change has other names than those of a change, then 400 names them, and nothing is changed', async () => {
  const patch = (text: string) =>
    api.http
      .patch(`/api/orders/${order.id}`)
      .set({ ...buyer, 'Content-Type': 'application/json' })
      .send(text);
  const names = ['price', '__proto__', 'constructor', 'toString', '', '0'];
  for (const name of names) {
    const { body } = await patch(`{"status":"cancelled",${JSON.stringify(name)}:1}`).expect(400);
    const message = 'the body has no such name, only status';
    expect(body.errors).toEqual([{ message, field: name, code: 'invalid' }]);
  }
  const { body } = await patch(`{${names.map((name) => `${JSON.stringify(name)}:1`).join()}}`).expect(400);
  expect(new Set(body.errors.map(({ field }: { field: string }) => field))).toEqual(new Set(names));
  for (const text of ['[]', '["status"]']) {
    const { body } = await patch(text).expect(400);
    expect(body.errors).toEqual([{ message: 'the body must be a JSON object', code: 'invalid' }]);
  }
  expect((await list('').expect(200)).body).toEqual([expect.objectContaining({ status: 'pending' })]);
});

test('When nobody is signed in or the path is unknown, then that is what is told', async () => {
  await api.http.get('/api/orders?staus=paid').expect(401);
  await api.http.get(`/api/orders/${newId()}/x?staus=paid`).set(buyer).expect(404);
});

test('When probes, metrics or the description are asked for with a query, then they come', async () => {
  for (const path of ['/healthz', '/readyz', '/metrics', '/api/orders/docs', '/api/orders/openapi.json']) {
    await api.http.get(`${path}?v=2&v=3`).expect(200);
  }
});
