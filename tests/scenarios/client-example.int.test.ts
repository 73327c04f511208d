import mongoose from 'mongoose';
import type { Order } from '../../examples/orders-api.js';
import {
  countdown,
  type OrdersClientOptions,
  OrdersError,
  ordersClient,
} from '../../examples/orders-client.ts';
import { newId, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type OrdersApi, startOrdersApi } from '../support/orders-api.ts';
import { connectPeer } from '../support/running-service.ts';

let api: OrdersApi;
beforeAll(async () => {
  // The client asks for the newest first itself.
  api = await startOrdersApi({ listSort: 'createdAt', orderExtensionMs: 1_800_000 });
});

type Fetch = typeof globalThis.fetch;

/** The example as a buyer uses it, and the pauses that it has made, in milliseconds; none takes any time. */
function buyer({ fetch, userId = newId() }: { fetch?: Fetch; userId?: string } = {}) {
  const pauses: number[] = [];
  const options: OrdersClientOptions = {
    baseUrl: api.service.url,
    headers: signedIn(userId),
    ...(fetch && { fetch }),
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
    },
  };
  return { userId, client: ordersClient(options), pauses };
}

/** Answers these first, and then as the service does. */
function answeringFirst(...answers: (() => Promise<Response>)[]): Fetch {
  return (...request) => answers.shift()?.() ?? fetch(...request);
}

const html = '<html><h1>502 Bad Gateway</h1></html>';
const ofProxy = (status: number) => async () =>
  new Response(html, { status, headers: { 'Content-Type': 'text/html' } });
const setStatus = (id: string, status: string) =>
  api.database.collection('orders').updateOne({ _id: new mongoose.Types.ObjectId(id) }, { $set: { status } });

test('When the answer to a purchase is lost, then the client gets the order that it has placed, by its key', async () => {
  let sent = 0;
  const losing: Fetch = async (...request) => {
    const answer = await fetch(...request);
    sent += 1;
    if (sent > 1) return answer;
    await answer.body?.cancel();
    throw new TypeError('fetch failed');
  };
  const { client, pauses } = buyer({ fetch: losing });
  const purchase = await client.place(await storeTicket(api.database), 'a click');
  expect(purchase).toMatchObject({ kind: 'held', replayed: true, order: { holdSecondsLeft: 900 } });
  expect(pauses).toEqual([1_000]);
  for await (const page of client.list()) expect(page).toHaveLength(1);
});

test('When more time is asked for, then the order that comes back has it, and at its limit the code says so', async () => {
  const { client } = buyer();
  const purchase = await client.place(await storeTicket(api.database), 'a click');
  if (purchase.kind !== 'held') throw new Error(purchase.kind);
  expect(await client.extend(purchase.order.id)).toMatchObject({ holdSecondsLeft: 1_800 });
  await client.cancel(purchase.order.id);
  await expect(client.extend(purchase.order.id)).rejects.toMatchObject({ code: 'order_cancelled' });
});

test('When only half of an answer comes, then it counts as none', async () => {
  const half = async () =>
    new Response('{"id":', { status: 201, headers: { 'Content-Type': 'application/json' } });
  const { client } = buyer({ fetch: answeringFirst(half) });
  expect(await client.place(await storeTicket(api.database), 'a click')).toMatchObject({ kind: 'held' });
});

test('When a proxy answers in HTML, then the client tries again after 1, 2 and 4 s', async () => {
  const { client, pauses } = buyer({ fetch: answeringFirst(...[502, 503, 504].map(ofProxy)) });
  expect(await client.place(await storeTicket(api.database), 'a click')).toMatchObject({ kind: 'held' });
  expect(pauses).toEqual([1_000, 2_000, 4_000]);
});

test('When the service says when to come back, then the client does; when it is away for long, it says so', async () => {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Retry-After': '7' };
  const body = JSON.stringify({ errors: [{ message: 'not now', code: 'unavailable' }] });
  const away: Fetch = async () => new Response(body, { status: 503, headers });
  const { client, pauses } = buyer({ fetch: away });
  const failed: unknown = await client.show(newId()).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(OrdersError);
  expect(failed).toMatchObject({
    status: 503,
    code: 'unavailable',
    message: 'not now',
    retryAfterSeconds: 7,
  });
  expect(pauses).toEqual([7_000, 7_000, 7_000, 7_000]);
  const html = buyer({ fetch: async () => ofProxy(502)() });
  await expect(html.client.show(newId())).rejects.toMatchObject({ status: 502, code: undefined });
});

test('When the ticket cannot be had, then the client says why, and whose it is if it is the own', async () => {
  const [ada, ben] = [buyer(), buyer()];
  const ticketId = await storeTicket(api.database);
  const purchase = await ada.client.place(ticketId, newId());
  if (purchase.kind !== 'held') throw new Error(purchase.kind);
  const { id: orderId } = purchase.order;
  expect(await ben.client.place(ticketId, newId())).toEqual({ kind: 'reserved', retryAfterSeconds: 900 });
  expect(await ada.client.place(ticketId, newId())).toMatchObject({ kind: 'reserved', orderId });
  await setStatus(orderId, 'paid');
  expect(await ben.client.place(ticketId, newId())).toEqual({ kind: 'sold' });
  expect(await ada.client.place(ticketId, newId())).toEqual({ kind: 'sold', orderId });
  await expect(ada.client.cancel(orderId)).rejects.toMatchObject({ status: 409, code: 'order_paid' });
  await expect(ben.client.show(orderId)).rejects.toMatchObject({ status: 403, code: 'not_owner' });
});

test('When the key is that of a cancelled order, then the client does not take it for a hold', async () => {
  const { client } = buyer();
  const ticketId = await storeTicket(api.database);
  const purchase = await client.place(ticketId, 'a click');
  if (purchase.kind !== 'held') throw new Error(purchase.kind);
  await client.cancel(purchase.order.id);
  expect(await client.place(ticketId, 'a click')).toMatchObject({
    kind: 'over',
    order: { status: 'cancelled' },
  });
  expect(await client.place(ticketId, 'another click')).toMatchObject({ kind: 'held', replayed: false });
});

test('When the device has another time than the service, then the countdown is right all the same', async () => {
  const { client } = buyer();
  const purchase = await client.place(await storeTicket(api.database), newId());
  if (purchase.kind !== 'held') throw new Error(purchase.kind);
  let now = 5;
  const secondsLeft = countdown(purchase.order, () => now);
  const shown = [0, 1, 1_000, 899_000, 899_999, 900_000, 1_000_000].map((ms) => {
    now = 5 + ms;
    return secondsLeft();
  });
  expect(shown).toEqual([900, 900, 899, 1, 1, 0, 0]);
});

test('When the payment comes late and nobody else holds the ticket, then the client sees the order paid', async () => {
  const peer = await connectPeer(api.config);
  const { client } = buyer();
  const purchase = await client.place(await storeTicket(api.database), newId());
  if (purchase.kind !== 'held') throw new Error(purchase.kind);
  const { id } = purchase.order;
  await setStatus(id, 'expired');
  expect(await client.show(id)).toMatchObject({ status: 'expired', holdSecondsLeft: 0 });
  await peer.publish('payment:created', { id: newId(), orderId: id, stripeChargeId: 'ch_1' });
  const isPaid = ({ status }: Order) => status === 'paid';
  await eventually(async () => isPaid(await client.watch(id, isPaid)));
});

test('When a change does not come, then the client asks for three minutes, less often after the first half', async () => {
  const { client, pauses } = buyer();
  const purchase = await client.place(await storeTicket(api.database), newId());
  if (purchase.kind !== 'held') throw new Error(purchase.kind);
  expect((await client.watch(purchase.order.id, () => false)).status).toBe('pending');
  expect(pauses).toEqual([...Array<number>(15).fill(2_000), ...Array<number>(14).fill(10_000)]);
});

test('When there are several pages, then the client gets every order once, newest first', async () => {
  const { client, userId } = buyer();
  const placed: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    api.pass(1);
    placed.push((await api.place(signedIn(userId))).id);
  }
  const pages: string[][] = [];
  for await (const page of client.list({ status: 'pending', perPage: 2 }))
    pages.push(page.map(({ id }) => id));
  expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
  expect(pages.flat()).toEqual(placed.toReversed());
});
