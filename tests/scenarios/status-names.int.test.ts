import mongoose from 'mongoose';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import { openapi } from '../../src/platform/openapi/openapi.ts';
import { newId, signedIn, storeTicket } from '../support/buyer.ts';
import { commandVariables, startCommand } from '../support/command-run.ts';
import { documentedResponses } from '../support/documented-responses.ts';
import { eventually } from '../support/eventually.ts';
import { type OrdersApi, startOrdersApi } from '../support/orders-api.ts';
import {
  connectPeer,
  openDatabase,
  type Peer,
  startTestService,
  testConfig,
} from '../support/running-service.ts';

/** Two services in one process: one beside peers of another vocabulary, and one with the words of the contract. */

const statusNames = { pending: 'created', paid: 'complete', cancelled: 'cancelled', expired: 'cancelled' };
const classicText = 'pending=created,paid=complete,expired=cancelled';
const answers = documentedResponses(openapi(orderHttp(statusNames).api));

let classic: OrdersApi;
let own: OrdersApi;
let peer: Peer;
beforeAll(async () => {
  classic = await startOrdersApi({ statusNames, orderHoldMs: 60_000 });
  own = await startOrdersApi({ orderHoldMs: 60_000 });
  // Both use the same broker.
  peer = await connectPeer(classic.config);
});

const eventsOf = (id: string) =>
  peer.seen.filter(({ data }) => data['id'] === id).map(({ subject, data }) => [subject, data['status']]);
const stored = (api: OrdersApi, id: string) =>
  api.database.collection('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });

/** An answer of the service that has other names, which must be as its description says. */
async function ask(operationId: string, buyer: Record<string, string>, path = '', init: RequestInit = {}) {
  const headers = { ...buyer, ...(init.body && { 'Content-Type': 'application/json' }) };
  const answer = await fetch(`${classic.service.url}/api/orders${path}`, { ...init, headers });
  await answers.check(operationId, answer.clone());
  return answer;
}

async function pay(api: OrdersApi, id: string): Promise<void> {
  await peer.publish('payment:created', { id: `pay-${id}`, orderId: id, stripeChargeId: 'ch' });
  await eventually(async () => (await stored(api, id))?.['status'] === 'paid');
}

/** Has an order of the service run out of time. */
async function expire(api: OrdersApi, id: string): Promise<void> {
  api.pass(61_000);
  await peer.publish('expiration:complete', { orderId: id });
  await eventually(async () => (await stored(api, id))?.['status'] === 'expired');
}

/** Has the buyer place two orders: one expires and is paid late, the other is cancelled. Resolves once all events were seen. */
async function liveThrough(api: OrdersApi, buyer: Record<string, string>) {
  const late = await api.place(buyer);
  await expire(api, late.id);
  await pay(api, late.id);
  const cancelled = await api.place(buyer);
  await api.http.delete(`/api/orders/${cancelled.id}`).set(buyer).expect(204);
  await eventually(() => eventsOf(late.id).length === 3 && eventsOf(cancelled.id).length === 2);
  return { late: late.id, cancelled: cancelled.id };
}

test('When services have different names for statuses, then a subscriber sees each by its own, and the databases keep ours', async () => {
  const wanted = [
    [classic, 'created', 'complete', 'cancelled'],
    [own, 'pending', 'paid', 'expired'],
  ] as const;
  for (const [api, pending, paid, expired] of wanted) {
    const { late, cancelled } = await liveThrough(api, signedIn());
    expect(eventsOf(late)).toEqual([
      ['order:created', pending],
      ['order:cancelled', expired],
      ['order:paid', paid],
    ]);
    expect(eventsOf(cancelled)).toEqual([
      ['order:created', pending],
      ['order:cancelled', 'cancelled'],
    ]);
    const order = await stored(api, late);
    expect(order?.['status']).toBe('paid');
    const history: { status: string }[] = order?.['history'];
    expect(history.map(({ status }) => status)).toEqual(['pending', 'expired', 'paid']);
  }
});

test('When the broker is away, then the outbox keeps our words, and what is published later has the names', async () => {
  const config = testConfig({ statusNames });
  const { url } = config.nats;
  const database = await openDatabase(config);
  const away = await startTestService({ ...config, nats: { ...config.nats, url: 'nats://127.0.0.1:1' } });
  const body = JSON.stringify({ ticketId: await storeTicket(database) });
  const headers = { ...signedIn(), 'Content-Type': 'application/json' };
  const answer = await fetch(`${away.url}/api/orders`, { method: 'POST', headers, body });
  const { id, status } = (await answer.json()) as { id: string; status: string };
  expect(status).toBe('created');
  const order = await database.collection('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });
  expect(order?.['outbox'][0].data.status).toBe('pending');
  await startTestService({ ...config, nats: { ...config.nats, url, clientId: `orders-${newId()}` } });
  await eventually(() => eventsOf(id).length === 1);
  expect(eventsOf(id)).toEqual([['order:created', 'created']]);
});

test('When past events are sent again, then by the names that the command has, too', async () => {
  // Its clock is true: events of the future are not sent again.
  const present = await startOrdersApi({ statusNames, orderHoldMs: 60_000 });
  const { id } = await present.place(signedIn());
  await eventually(async () => (await stored(present, id))?.['outbox'].length === 0);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const variables = commandVariables(present.config);
  const run = (STATUS_NAMES: string) =>
    startCommand({ ...variables, STATUS_NAMES }, 'republish', '--since', since, '--order', id, '--yes').ended;
  expect(await run(classicText)).toMatchObject({ status: 0 });
  await eventually(() => eventsOf(id).length === 2);
  expect(eventsOf(id)).toEqual([
    ['order:created', 'created'],
    ['order:created', 'created'],
  ]);
  expect(await run('pending=paid')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('STATUS_NAMES gives pending the name paid') as string,
  });
});

test('When orders are placed, shown, listed and cancelled, then each answer has the names, as it is described', async () => {
  const buyer = signedIn();
  const body = JSON.stringify({ ticketId: await storeTicket(classic.database) });
  const placed = await ask('placeOrder', buyer, '', { method: 'POST', body });
  const { id, status } = (await placed.json()) as { id: string; status: string };
  expect(status).toBe('created');
  const [listed] = (await (await ask('listOrders', buyer)).json()) as { status: string }[];
  expect(listed?.status).toBe('created');
  // The body of the request keeps our word.
  const cancelled = await ask('cancelOrder', buyer, `/${id}`, {
    method: 'PATCH',
    body: '{"status":"cancelled"}',
  });
  expect(await cancelled.json()).toMatchObject({ status: 'cancelled' });
  const { late } = await liveThrough(classic, buyer);
  const shown = (await (await ask('showOrder', buyer, `/${late}`)).json()) as {
    history: { status: string }[];
  };
  expect(shown).toMatchObject({ status: 'complete' });
  expect(shown.history.map(({ status }) => status)).toEqual(['created', 'cancelled', 'complete']);
});

test('When an expired order is called cancelled, then it cannot be cancelled, and the code says that it is expired', async () => {
  const buyer = signedIn();
  const { id } = await classic.place(buyer);
  await expire(classic, id);
  const shown = await ask('showOrder', buyer, `/${id}`);
  expect(await shown.json()).toMatchObject({ status: 'cancelled' });
  const body = '{"status":"cancelled"}';
  for (const [operationId, init] of [
    ['cancelOrder', { method: 'PATCH', body }],
    ['deleteOrder', { method: 'DELETE' }],
  ] as const) {
    const refused = await ask(operationId, buyer, `/${id}`, init);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'order_expired' }] });
  }
  expect((await stored(classic, id))?.['version']).toBe(1);
});

test('When a list is asked for by a name that two statuses share, then the pages have the orders of both, each once, in either sort', async () => {
  const buyer = signedIn();
  const wanted: string[] = [];
  for (const status of ['cancelled', 'expired', 'paid', 'expired', 'cancelled', 'pending', 'cancelled']) {
    classic.pass(wanted.length % 2);
    const { id } = await classic.place(buyer);
    const _id = new mongoose.Types.ObjectId(id);
    await classic.database.collection('orders').updateOne({ _id }, { $set: { status } });
    if (['cancelled', 'expired'].includes(status)) wanted.push(id);
  }
  for (const [sort, sorted] of [
    ['-createdAt', wanted.toReversed()],
    ['createdAt', wanted],
  ] as const)
    expect(await listCancelled(buyer, sort)).toEqual(sorted);
  const complete = await ask('listOrders', buyer, '?status=complete');
  expect(await complete.json()).toMatchObject([{ status: 'complete' }]);
});

/** The ids that the pages of `?status=cancelled` have. */
async function listCancelled(buyer: Record<string, string>, sort: string): Promise<string[]> {
  const found: string[] = [];
  for (let next: string | undefined = `?status=cancelled&limit=2&sort=${sort}`; next; ) {
    const answer: Response = await ask('listOrders', buyer, next);
    const page = (await answer.json()) as { id: string; status: string }[];
    expect(page.map(({ status }) => status)).toEqual(page.map(() => 'cancelled'));
    found.push(...page.map(({ id }) => id));
    next = /^<\/api\/orders(\?.+)>; rel="next"$/.exec(answer.headers.get('Link') ?? '')?.[1];
    if (next) expect(next).toContain('status=cancelled');
  }
  return found;
}

test('When a list is asked for by a word that is no name, then 400 lists the names', async () => {
  for (const word of ['pending', 'paid', 'expired', 'open']) {
    const refused = await ask('listOrders', signedIn(), `?status=${word}`);
    expect(refused.status).toBe(400);
    const message = 'status must be one of created, complete, cancelled';
    expect(await refused.json()).toMatchObject({ errors: [{ field: 'status', message }] });
  }
  await own.http.get('/api/orders?status=pending').set(signedIn()).expect(200);
  await own.http.get('/api/orders?status=created').set(signedIn()).expect(400);
});

test('When the API is described, then by the names, in its schemas and in its words', async () => {
  const { body } = await classic.http.get('/api/orders/openapi.json').expect(200);
  expect(body.components.schemas.OrderStatus).toEqual({
    type: 'string',
    enum: ['created', 'complete', 'cancelled'],
    description:
      '`created`: payment is awaited, and the ticket is held while `holdSecondsLeft` is above 0. `complete`: the ticket ' +
      'is bought, for good. `cancelled`: the buyer has let it go, for good. Or: the time was up; a late payment may ' +
      'still make it `complete` while nobody else holds the ticket.',
  });
  const [status] = body.paths['/api/orders'].get.parameters;
  expect(status).toMatchObject({ name: 'status', schema: { enum: ['created', 'complete', 'cancelled'] } });
  expect(body.components.schemas.Cancellation.properties.status.enum).toEqual(['cancelled']);
  const { holdSecondsLeft } = body.components.schemas.Order.properties;
  expect(holdSecondsLeft.description).toContain('when the order is `complete` or `cancelled`.');
  expect(body.info.description).toContain('a payment for an order that is `created` or `cancelled` buys');
  expect(JSON.stringify(body)).not.toMatch(/`(pending|paid|expired)`/);
  const { body: plain } = await own.http.get('/api/orders/openapi.json').expect(200);
  expect(plain).toEqual(JSON.parse(JSON.stringify(openapi(orderHttp().api))));
  expect(plain.components.schemas.OrderStatus.enum).toEqual(['pending', 'paid', 'cancelled', 'expired']);
});
