import mongoose, { type Connection } from 'mongoose';
import { refundReasons } from '../../src/orders/domain/order.ts';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import { placeOrder, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startTwoServicesAndPeer, testConfig } from '../support/running-service.ts';
import { scrape, sumOf } from '../support/scrape.ts';

/** Two services on one database that give late payments back. Their clock is turned by the tests. */
const config = testConfig({ latePayment: 'refund' });
let now = new Date();
let database: Connection;
let peer: Peer;
let urls: string[];

beforeAll(async () => {
  ({ database, urls, peer } = await startTwoServicesAndPeer(config, { clock: () => now }));
});

const orders = () => database.collection<OrderRecord>('orders');
const stored = (id: string) => orders().findOne({ _id: new mongoose.Types.ObjectId(id) });
const eventsOf = (id: string) => peer.seen.filter(({ data }) => data['id'] === id);

const place = (ticketId: string, url = urls[0] ?? '') => placeOrder(url, ticketId);

/** Has it be a moment past the end of every hold so far. */
const endHolds = () => {
  now = new Date(now.getTime() + config.orderHoldMs + 1);
};

const settled = async (id: string) => {
  await eventually(async () => (await stored(id))?.payments.length === 1, { withinMs: 30_000 });
  await eventually(async () => (await stored(id))?.outbox.length === 0, { withinMs: 30_000 });
};

test('When an expired order is paid, then it is a refund though its ticket is free, and stays one when it comes again', async () => {
  const id = await place(await storeTicket(database, { price: 12.5 }));
  endHolds();
  await eventually(async () => (await stored(id))?.status === 'expired');
  await peer.publish('payment:created', { id: 7, orderId: id, stripeId: 'ch_7' });
  await settled(id);
  await peer.publish('payment:created', { id: '7', orderId: { $oid: id }, chargeId: 'ch_7' });
  await eventually(async () => {
    const samples = (await Promise.all(urls.map((url) => scrape(url)))).flat();
    const repeated = { subject: 'payment:created', outcome: 'known' };
    return sumOf(samples, 'orders_message_handling_seconds_count', repeated) === 1;
  });

  expect(await stored(id)).toMatchObject({ status: 'expired', version: 1 });
  expect((await stored(id))?.payments).toMatchObject([
    { id: '7', stripeChargeId: 'ch_7', refund: 'order_expired' },
  ]);
  await eventually(() => eventsOf(id).length === 3);
  const [, , refund] = eventsOf(id).toSorted((one, other) => one.at - other.at);
  expect(refund).toMatchObject({
    subject: 'order:refund-required',
    data: {
      eventId: `${id}:refund:7`,
      reason: 'order_expired',
      paymentId: '7',
      stripeChargeId: 'ch_7',
      amount: 12.5,
    },
  });
  const samples = (await Promise.all(urls.map((url) => scrape(url)))).flat();
  expect(sumOf(samples, 'orders_refunds_due_total', { reason: 'order_expired' })).toBe(1);
  for (const reason of refundReasons) {
    expect(sumOf(samples, 'orders_refunds_due_total', { reason })).toBeGreaterThanOrEqual(0);
  }
});

/** What ends a hold that is past its time, beside the sweeps of both services: a hint, or the next buyer. */
const endings = {
  hint: ({ orderId }: Held) => peer.publish('expiration:complete', { orderId }),
  takeover: async ({ ticketId, url }: Held) => void (await place(ticketId, url)),
};

interface Held {
  orderId: string;
  ticketId: string;
  url: string | undefined;
}

async function hold(index: number): Promise<Held> {
  const [ticketId, url] = [await storeTicket(database), urls[index % 2]];
  return { orderId: await place(ticketId, url), ticketId, url };
}

test('When payments race with the end of their holds on two services, then each buys in time or is given back, and never both', async () => {
  const held = await Promise.all(Array.from({ length: 40 }, (_, index) => hold(index)));
  const ids = held.map(({ orderId }) => orderId);
  endHolds();
  await Promise.all(
    held.map(async (one, index) => {
      const pay = () => peer.publish('payment:created', { id: `pay ${one.orderId}`, orderId: one.orderId });
      // A purchase while the payment comes may be refused, since that has won.
      if (index % 4 === 0) await Promise.all([pay(), endings.hint(one)]);
      if (index % 4 === 1) await Promise.all([endings.hint(one), pay()]);
      if (index % 4 === 2) await Promise.allSettled([endings.takeover(one), pay()]);
      if (index % 4 === 3) await endings.takeover(one).then(pay);
    }),
  );
  for (const id of ids) await settled(id);
  for (const [index, id] of ids.entries()) {
    const order = await stored(id);
    const [payment] = order?.payments ?? [];
    // After a takeover nothing is left to race.
    const bought = payment?.refund === undefined && index % 4 !== 3;
    const history = order?.history.map(({ status }) => status);
    expect([payment?.refund, history]).toEqual(
      bought ? [undefined, ['pending', 'paid']] : ['order_expired', ['pending', 'expired']],
    );
    const subjects = [
      'order:created',
      ...(bought ? ['order:paid'] : ['order:cancelled', 'order:refund-required']),
    ];
    await eventually(() => eventsOf(id).length >= subjects.length);
    expect(new Set(eventsOf(id).map(({ subject }) => subject))).toEqual(new Set(subjects));
  }
}, 60_000);
