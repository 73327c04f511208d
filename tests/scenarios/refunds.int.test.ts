import mongoose, { type Connection } from 'mongoose';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import { newId, placeOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startTwoServicesAndPeer, testConfig } from '../support/running-service.ts';
import { scrape, sumOf } from '../support/scrape.ts';

/** Refunds that the payments service tells of, to two services on one database. */
const config = testConfig();
let database: Connection;
let peer: Peer;
let urls: string[];

beforeAll(async () => {
  ({ database, urls, peer } = await startTwoServicesAndPeer(config));
});

const patient = { withinMs: 30_000 };
const stored = (id: string) =>
  database.collection<OrderRecord>('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });
const place = async (ticketId: string, buyer = signedIn()) => placeOrder(urls[0] ?? '', ticketId, buyer);
const pay = (orderId: string, id: string) =>
  peer.publish('payment:created', { id, orderId, stripeChargeId: `ch_${id}` });
const giveBack = (orderId: unknown, paymentId: unknown, id = newId()) =>
  peer.publish('payment:refunded', { id, orderId, paymentId });
const becomes = (id: string, status: string) =>
  eventually(async () => (await stored(id))?.status === status, patient);
const completes = (id: string, count: number) =>
  eventually(async () => {
    const payments = (await stored(id))?.payments ?? [];
    return payments.filter(({ refundCompletedAt }) => refundCompletedAt).length === count;
  }, patient);
const subjectsOf = (id: string) =>
  peer.seen.filter(({ data }) => data['id'] === id).map(({ subject }) => subject);
/** How many messages about refunds both services have handled so. */
const handled = async (outcome: string) => {
  const samples = (await Promise.all(urls.map((url) => scrape(url)))).flat();
  const labels = { subject: 'payment:refunded', outcome };
  return sumOf(samples, 'orders_message_handling_seconds_count', labels) ?? 0;
};

test('When the payment that bought is given back, then the order is cancelled, the ticket is free, and its buyer sees why', async () => {
  const [ticketId, buyer] = [await storeTicket(database), signedIn()];
  const id = await place(ticketId, buyer);
  await pay(id, '7');
  await becomes(id, 'paid');
  // The same ids in another form.
  await giveBack({ $oid: id }, 7);
  await becomes(id, 'cancelled');
  await eventually(() => subjectsOf(id).length === 3, patient);
  expect(new Set(subjectsOf(id))).toEqual(new Set(['order:created', 'order:paid', 'order:cancelled']));
  expect(await stored(id)).not.toHaveProperty('holdsTicket');
  await place(ticketId);

  const answer = await fetch(`${urls[1]}/api/orders/${id}`, { headers: buyer });
  const body = (await answer.json()) as { history: object[]; payments: object[] };
  const at = expect.stringMatching(/Z$/) as string;
  expect(body.history.at(-1)).toEqual({ status: 'cancelled', version: 2, at, cause: 'refund' });
  expect(body.payments).toEqual([{ id: '7', at, refund: { reason: 'refunded', completedAt: at } }]);
  const list = (await (await fetch(`${urls[1]}/api/orders`, { headers: buyer })).json()) as object[];
  expect(list[0]).not.toHaveProperty('payments');
});

test('When a refund that was asked for is told, twice and under two ids, then it is completed once', async () => {
  const before = await handled('known');
  const buyer = signedIn();
  const id = await place(await storeTicket(database), buyer);
  await pay(id, 'first');
  await becomes(id, 'paid');
  await pay(id, 'second');
  await eventually(() => subjectsOf(id).includes('order:refund-required'), patient);
  await giveBack(id, 'second');
  await completes(id, 1);
  await giveBack(id, 'second');
  await eventually(async () => (await handled('known')) === before + 1, patient);
  const { payments } = (await (await fetch(`${urls[0]}/api/orders/${id}`, { headers: buyer })).json()) as {
    payments: object[];
  };
  const at = expect.any(String) as string;
  expect(payments).toEqual([
    { id: 'first', at },
    { id: 'second', at, refund: { reason: 'already_paid', dueAt: at, completedAt: at } },
  ]);
  expect(await stored(id)).toMatchObject({ status: 'paid', version: 1 });
  expect(subjectsOf(id)).toHaveLength(3);
});

test('When a refund comes before its payment, then the payment buys nothing, asks for nothing, and leaves its charge', async () => {
  const id = await place(await storeTicket(database));
  await giveBack(id, 'early');
  await completes(id, 1);
  await pay(id, 'early');
  await eventually(async () => (await stored(id))?.payments[0]?.stripeChargeId === 'ch_early', patient);
  await pay(id, 'later');
  await becomes(id, 'paid');
  await eventually(() => subjectsOf(id).length === 2, patient);
  expect(new Set(subjectsOf(id))).toEqual(new Set(['order:created', 'order:paid']));
  expect((await stored(id))?.payments).toMatchObject([{ id: 'early', refund: 'refunded' }, { id: 'later' }]);
});

test('When a refund names no order, then it is a dead letter', async () => {
  const message = Buffer.from(JSON.stringify({ id: newId(), orderId: newId(), paymentId: 'p' }));
  await peer.publishRaw('payment:refunded', message);
  await eventually(async () => {
    const letters = await database.collection('dead_letters').find({ subject: 'payment:refunded' }).toArray();
    return letters.some(
      ({ data, reason }) => message.equals(data.buffer) && String(reason).startsWith('there is no order'),
    );
  }, patient);
});

test('When payments and their refunds come at once, in any order and again, then each is given back once and asks for nothing', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, async () => place(await storeTicket(database))));
  await Promise.all(
    ids.flatMap((id, index) => {
      const paid = () => pay(id, `p${index}`);
      const refunded = () => giveBack(id, `p${index}`);
      return (index % 2 ? [paid, refunded, refunded, paid] : [refunded, paid, paid, refunded]).map((send) =>
        send(),
      );
    }),
  );
  for (const id of ids) await completes(id, 1);
  for (const id of ids) {
    await eventually(async () => (await stored(id))?.outbox.length === 0, patient);
    const order = await stored(id);
    expect(order?.payments).toMatchObject([{ refund: 'refunded' }]);
    expect(order?.payments[0]).not.toHaveProperty('refundDueAt');
    const history = order?.history.map(({ status }) => status);
    // Refunded first: still pending, for another payment.
    expect([['pending'], ['pending', 'paid', 'cancelled']]).toContainEqual(history);
    expect(subjectsOf(id)).not.toContain('order:refund-required');
  }
}, 60_000);
