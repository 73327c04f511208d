import type { Connection } from 'mongoose';
import { placeOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startTwoServicesAndPeer, testConfig } from '../support/running-service.ts';

/** Two services on one database, with a spacing; everything is sent to a real broker, whose times count. */
const config = testConfig({ eventSpacingMs: 2_000 });
let database: Connection;
let peer: Peer;
let urls: string[];

beforeAll(async () => {
  ({ database, urls, peer } = await startTwoServicesAndPeer(config));
});

const [first, second] = [() => urls[0] ?? '', () => urls[1] ?? ''];

/** The events of the order, once there are so many, in the order in which the broker took them. */
async function eventsOf(id: string, count: number) {
  const seen = () => peer.seen.filter(({ data }) => data['id'] === id);
  await eventually(() => seen().length >= count, { withinMs: 30_000 });
  return seen().sort((one, other) => one.at - other.at);
}

async function cancel(url: string, id: string, buyer: Record<string, string>): Promise<void> {
  const response = await fetch(`${url}/api/orders/${id}`, { method: 'DELETE', headers: buyer });
  expect(response.status).toBe(204);
}

test('When an order is placed at one replica and cancelled at the other at once, then its events leave a spacing apart, each once', async () => {
  const chains = Array.from({ length: 20 }, async () => {
    const buyer = signedIn();
    const id = await placeOrder(first(), await storeTicket(database), buyer);
    await cancel(second(), id, buyer);
    return id;
  });
  for (const id of await Promise.all(chains)) {
    const [created, cancelled, ...more] = await eventsOf(id, 2);
    expect([created?.subject, cancelled?.subject]).toEqual(['order:created', 'order:cancelled']);
    expect((cancelled?.at ?? 0) - (created?.at ?? 0)).toBeGreaterThanOrEqual(config.eventSpacingMs);
    expect(more).toEqual([]);
  }
}, 60_000);

test('When an order is paid at once, and another payment comes, then order:paid waits, and the refund keeps its place behind it', async () => {
  const id = await placeOrder(first(), await storeTicket(database));
  await peer.publish('payment:created', { id: 'one', orderId: id });
  const isSettled = (paymentId: string) => async () =>
    (await database.collection('orders').findOne({ 'payments.id': paymentId })) !== null;
  await eventually(isSettled('one'), { withinMs: 30_000 });
  await peer.publish('payment:created', { id: 'two', orderId: id });
  const [created, paid, refund] = await eventsOf(id, 3);
  expect([created, paid, refund].map((event) => event?.subject)).toEqual([
    'order:created',
    'order:paid',
    'order:refund-required',
  ]);
  expect((paid?.at ?? 0) - (created?.at ?? 0)).toBeGreaterThanOrEqual(config.eventSpacingMs);
}, 60_000);
