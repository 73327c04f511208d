import { once } from 'node:events';
import express from 'express';
import mongoose from 'mongoose';
import pino from 'pino';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import type { OrderStore } from '../../src/orders/store/order-store.ts';
import { errorHandler } from '../../src/platform/http/error-handler.ts';
import { atEnd } from '../support/at-end.ts';
import { newId, signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { startOrdersApi } from '../support/orders-api.ts';

const { routes: orderRoutes } = orderHttp();

interface Listed {
  id: string;
  ticket: { title: string; price: number };
}

test('When older snapshots have titles of 60,000 characters, then lists cut them, pages are full, and an order shows all', async () => {
  const api = await startOrdersApi();
  const userId = newId();
  const buyer = signedIn(userId);
  const order = await api.place(buyer);
  const orders = api.database.collection('orders');
  const stored = await orders.findOne({ _id: new mongoose.Types.ObjectId(order.id) });
  const title = `${'🎻'.repeat(500)}${'x'.repeat(60_000)}`;
  if (!stored) throw new Error('the order is not stored');
  const { holdsTicket, _id, relayDueAt, ...past } = stored;
  await orders.insertMany(
    Array.from({ length: 101 }, () => ({
      ...past,
      status: 'cancelled',
      ticket: { ...past['ticket'], title },
    })),
  );
  const page = await api.http.get('/api/orders?status=cancelled').set(buyer).expect(200);
  const listed = page.body as Listed[];
  expect(listed).toHaveLength(100);
  expect(page.headers['link']).toContain('rel="next"');
  for (const { ticket } of listed) expect(ticket).toMatchObject({ title: '🎻'.repeat(500), price: 20 });
  expect(page.text.length).toBeLessThan(300_000);

  const one = await api.http.get(`/api/orders/${listed[0]?.id}`).set(buyer).expect(200);
  expect((one.body as Listed).ticket.title).toBe(title);
});

test('When a ticket has a longer title from before, then a new order keeps a cut one', async () => {
  const api = await startOrdersApi();
  const _id = new mongoose.Types.ObjectId();
  await api.database
    .collection('tickets')
    .insertOne({ _id, title: 'x'.repeat(60_000), price: 20, version: 0 });
  const placed = await api.http
    .post('/api/orders')
    .set(signedIn())
    .send({ ticketId: String(_id) })
    .expect(201);
  expect((placed.body as Listed).ticket.title).toBe('x'.repeat(500));
});

test('When one user asks for many lists at once, then 4 are read, 16 wait, the rest gets 503 with Retry-After, and others are served', async () => {
  const reads: { userId: string; end: () => void }[] = [];
  const orders = {
    list: ({ userId }: { userId: string }) =>
      new Promise((resolve) => void reads.push({ userId, end: () => resolve([]) })),
  };
  const app = express();
  app.use((req, _res, next) => {
    req.user = { id: req.get('user') ?? '' };
    next();
  });
  const parts = {
    clock: () => new Date(),
    holdMs: 1,
    maxPending: 0,
    purchaseLimit: [],
    extensionMs: 0,
    holdLimitMs: 0,
    listSort: '-createdAt' as const,
  };
  orderRoutes({ ...parts, orders: orders as unknown as OrderStore })(app);
  app.use(errorHandler(pino({ level: 'silent' })));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => server.close());
  const { port } = server.address() as { port: number };
  const list = (user: string) => fetch(`http://127.0.0.1:${port}/api/orders`, { headers: { user } });

  const answers = Array.from({ length: 30 }, () => list('anna'));
  const refused: Response[] = [];
  for (const answer of answers)
    void answer.then((response) => response.status === 503 && refused.push(response));
  await eventually(() => refused.length === 10);
  expect(reads).toHaveLength(4);
  expect(await refused[0]?.json()).toMatchObject({ errors: [{ code: 'overloaded' }] });
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(2);

  const other = list('bert');
  await eventually(() => reads.some(({ userId }) => userId === 'bert'));
  const ended = new Set<object>();
  await eventually(() => {
    for (const read of reads.filter((one) => !ended.has(one))) {
      read.end();
      ended.add(read);
    }
    return reads.length === 21;
  });
  for (const read of reads) read.end();
  expect((await other).status).toBe(200);
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(20);
});
