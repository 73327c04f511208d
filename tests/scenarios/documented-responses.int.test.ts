import express from 'express';
import mongoose from 'mongoose';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import { identifyPurchase } from '../../src/orders/store/idempotency.ts';
import { listen } from '../../src/platform/http/server.ts';
import { openapi } from '../../src/platform/openapi/openapi.ts';
import { atEnd } from '../support/at-end.ts';
import { newId, signedIn, storeTicket } from '../support/buyer.ts';
import { createDriver } from '../support/documented-operations.ts';
import { documentedResponses } from '../support/documented-responses.ts';
import { eventually } from '../support/eventually.ts';
import { type OrdersApi, startOrdersApi } from '../support/orders-api.ts';
import { startOwnDatabase } from '../support/own-database.ts';
import { openDatabase, startTestService, testConfig } from '../support/running-service.ts';

const { api: orderApi } = orderHttp();

const answers = documentedResponses(openapi(orderApi));
const operationIds = orderApi.operations.map(({ operationId }) => operationId);
const ofOtherMethods = ['optionsOfOrders', 'optionsOfOrder', 'optionsOfExtension'];
const ofUsers = operationIds.filter((operationId) => !ofOtherMethods.includes(operationId));
const onOneOrder = ['showOrder', 'cancelOrder', 'deleteOrder', 'extendOrder'];
const cancelling = ['cancelOrder', 'deleteOrder'];
const withBody = ['placeOrder', 'cancelOrder', 'extendOrder'];
const posts = ['placeOrder', 'extendOrder'];

let api: OrdersApi;
beforeAll(async () => {
  // The limit is there only for its headers.
  api = await startOrdersApi({
    rateLimitPerMinute: 1_000,
    orderExtensionMs: 1_800_000,
    orderCooldownMs: 600_000,
  });
});

const { drive, driveRaw } = createDriver(answers, () => api.service.url);

const purchase = (ticketId: string) => JSON.stringify({ ticketId });
const setStatus = (id: string, status: string) =>
  api.database.collection('orders').updateOne({ _id: new mongoose.Types.ObjectId(id) }, { $set: { status } });

test('When all is well, then each operation answers as documented', async () => {
  const headers = signedIn();
  const purchased = {
    headers: { ...headers, 'Idempotency-Key': newId() },
    body: purchase(await storeTicket(api.database)),
  };
  await drive('placeOrder', 201, purchased);
  await drive('placeOrder', 201, purchased);
  const { id } = await api.place(headers);
  await drive('listOrders', 200, { headers, query: '?limit=1' });
  await drive('listOrders', 200, { headers, query: '?limit=1&sort=createdAt&page=prev' });
  await drive('showOrder', 200, { headers, id });
  await drive('extendOrder', 200, { headers, id });
  await drive('cancelOrder', 200, { headers, id, body: '{"status":"cancelled"}' });
  await drive('showOrder', 200, { headers, id });
  await drive('deleteOrder', 204, { headers, id });
});

test('When a request is not as described, then the answer is', async () => {
  await drive('placeOrder', 400, { body: '{}', headers: { 'Idempotency-Key': '' } });
  await drive('listOrders', 400, { query: '?limit=0&cursor=x&status=open&sort=id&page=1' });
  for (const operationId of onOneOrder) await drive(operationId, 400, { id: 'x' });
  for (const operationId of onOneOrder) await drive(operationId, 400, { id: '%ff' });
  for (const operationId of ofUsers) await driveRaw(operationId, 400, 'X: \u0000');
  for (const operationId of operationIds) await driveRaw(operationId, 431, `X: ${'x'.repeat(20_000)}`);
  for (const operationId of withBody) {
    await drive(operationId, 400, { body: '{' });
    await drive(operationId, 413, { body: JSON.stringify('x'.repeat(33_000)) });
    await drive(operationId, 415, { body: 'x', headers: { 'Content-Type': 'text/plain' } });
  }
});

test('When a method is asked about, or is not there, then the answers are as documented', async () => {
  for (const operationId of ofOtherMethods) {
    await drive(operationId, 204);
    await drive(operationId, 405, { method: 'PUT' });
  }
});

test('When somebody else asks, nobody is signed in or the order is unknown, then the answers are as documented', async () => {
  const { id } = await api.place(signedIn());
  const foreign = { 'Content-Type': 'text/plain', 'Sec-Fetch-Site': 'cross-site', Authorization: '' };
  for (const operationId of posts) await drive(operationId, 403, { body: 'x', headers: foreign });
  for (const operationId of ofUsers) await drive(operationId, 401, { headers: { Authorization: '' } });
  for (const operationId of onOneOrder) await drive(operationId, 403, { id });
  for (const operationId of onOneOrder) await drive(operationId, 404);
});

test('When a ticket cannot be had, then the answers are as documented', async () => {
  const headers = { ...signedIn(), 'Idempotency-Key': newId() };
  const { id, ticketId } = await api.place(headers);
  await drive('placeOrder', 404, { body: purchase(newId()) });
  await drive('placeOrder', 422, { headers, body: purchase(await storeTicket(api.database)) });
  for (const buyer of [headers, signedIn()]) {
    await drive('placeOrder', 409, {
      headers: { ...buyer, 'Idempotency-Key': newId() },
      body: purchase(ticketId),
    });
  }
  await setStatus(id, 'paid');
  for (const buyer of [headers, signedIn()]) {
    await drive('placeOrder', 409, {
      headers: { ...buyer, 'Idempotency-Key': newId() },
      body: purchase(ticketId),
    });
  }
});

test('When a buyer has let the ticket go, then the answer is as documented', async () => {
  const headers = { ...signedIn(), 'Content-Type': 'application/json' };
  const ticketId = await storeTicket(api.database);
  // The first cancel is a slip, and the cooldown begins once its index is built.
  await eventually(async () => {
    const body = purchase(ticketId);
    const answer = await fetch(`${api.service.url}/api/orders`, { method: 'POST', headers, body });
    if (answer.status === 409) return true;
    const { id } = (await answer.json()) as { id: string };
    await fetch(`${api.service.url}/api/orders/${id}`, { method: 'DELETE', headers });
    return false;
  });
  await drive('placeOrder', 409, { headers, body: purchase(ticketId) });
});

test('When it is too late to cancel, then the answers are as documented', async () => {
  const headers = signedIn();
  const { id } = await api.place(headers);
  for (const status of ['paid', 'expired']) {
    await setStatus(id, status);
    for (const operationId of cancelling) await drive(operationId, 409, { headers, id });
  }
});

test('When a hold cannot be extended, then the answers are as documented', async () => {
  const headers = signedIn();
  const { id } = await api.place(headers);
  const end = (expiresAt: number) =>
    api.database
      .collection('orders')
      .updateOne({ _id: new mongoose.Types.ObjectId(id) }, { $set: { expiresAt: new Date(expiresAt) } });
  await api.database
    .collection('orders')
    .updateOne({ _id: new mongoose.Types.ObjectId(id) }, { $set: { createdAt: new Date(0) } });
  await drive('extendOrder', 409, { headers, id });
  await end(0);
  await drive('extendOrder', 409, { headers, id });
  for (const status of ['paid', 'cancelled']) {
    await setStatus(id, status);
    await drive('extendOrder', 409, { headers, id });
  }
});

test('When a stored order is broken, then each operation answers with 500 as documented', async () => {
  const userId = newId();
  const _id = new mongoose.Types.ObjectId(
    identifyPurchase({ userId, ticketId: newId(), idempotencyKey: 'broken' }).orderId,
  );
  await api.database
    .collection('orders')
    .insertOne({ _id, userId, idempotency: { key: 'broken', fingerprint: '' } });
  const [headers, id] = [{ ...signedIn(userId), 'Idempotency-Key': 'broken' }, _id.toHexString()];
  const body = purchase(await storeTicket(api.database));
  for (const operationId of ofUsers) {
    await drive(operationId, 500, { headers, id, ...(operationId === 'placeOrder' && { body }) });
  }
});

test('When the database is away, then each operation answers with 503 as documented', async () => {
  const { uri, server } = await startOwnDatabase();
  const { url } = await startTestService(testConfig({ mongoUri: uri, rateLimitPerMinute: 1_000 }));
  await server.kill('SIGKILL');
  await Promise.all(
    ofUsers.map((operationId) =>
      drive(operationId, 503, { url, ...(operationId === 'placeOrder' && { body: purchase(newId()) }) }),
    ),
  );
  // Needs no database, and is refused once it is known to be away, as everything is.
  await eventually(async () => (await fetch(`${url}/api/orders`, { method: 'OPTIONS' })).status === 503);
  for (const operationId of ofOtherMethods) await drive(operationId, 503, { url });
  await server.restart();
}, 60_000);

test('When more is asked for than can be served, then each operation answers with 503 as documented', async () => {
  const server = await listen(express(), 0, {
    limits: {
      ...{ maxRequestsInFlight: 1, maxConnections: 100, exemptPaths: [] },
      isBusy: () => true,
      onOverloaded: () => undefined,
      onConnectionDropped: () => undefined,
    },
  });
  atEnd(() => server.stop());
  const url = `http://127.0.0.1:${server.port}`;
  for (const operationId of operationIds) {
    await drive(operationId, 503, { url, ...(operationId === 'placeOrder' && { body: purchase(newId()) }) });
  }
});

test('When a user asks too often or has too many orders, then the answers are as documented', async () => {
  const config = testConfig({ rateLimitPerMinute: 2, maxPendingOrdersPerUser: 1 });
  const database = await openDatabase(config);
  const { url } = await startTestService(config);
  const headers = signedIn();
  for (const status of [201, 409, 429]) {
    await drive('placeOrder', status, { url, headers, body: purchase(await storeTicket(database)) });
  }
  await drive('extendOrder', 429, { url, headers });
});

test('When a request does not arrive in time, then each operation answers with 408 as documented', async () => {
  const hasty = { headersMs: 100, requestMs: 100, idleMs: 1_000, checkEveryMs: 50 };
  const server = await listen(express(), 0, { timeouts: hasty });
  atEnd(() => server.stop());
  for (const { operationId } of orderApi.operations) {
    await driveRaw(operationId, 408, 'X: half a head', { port: server.port, end: '' });
  }
});

test('When an error or a header has an example, then it is as its schema says', () => {
  const examples = answers.examples();
  expect(examples.length).toBeGreaterThan(100);
  expect(examples.filter(({ fits }) => !fits)).toEqual([]);
});

test('When all of that has been seen, then nothing that is documented is missing', () => {
  expect(answers.documented().filter((answer) => !answers.seen.has(answer))).toEqual([]);
});
