import { randomUUID } from 'node:crypto';
import mongoose, { type Connection } from 'mongoose';
import pino from 'pino';
import { connectBroker } from '../../src/connect-broker.ts';
import { replicaModel } from '../../src/messaging/replicas/replica-model.ts';
import { createReplicaStore } from '../../src/messaging/replicas/replica-store.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { atEnd } from '../support/at-end.ts';
import { newId, placeOrder, requestOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  type Peer,
  secondInstance,
  startTestService,
  testConfig,
} from '../support/running-service.ts';
import { scrape, sumOf } from '../support/scrape.ts';

const config = testConfig();
const pausedConfig = { ...config, brokerPaused: true };
let database: Connection;
let peer: Peer;

beforeAll(async () => {
  database = await openDatabase(config);
  peer = await connectPeer(config);
});

/** The events of these orders that the broker has. */
const eventsOf = (...ids: string[]) => peer.seen.filter(({ data }) => ids.includes(String(data['id'])));
const storedOrder = (id: string) =>
  database.collection('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });

/** Resolves once the peer has seen all that the broker has of these subjects by now. */
async function seenEverything(): Promise<void> {
  for (const subject of ['order:created', 'order:cancelled', 'order:paid']) {
    const id = newId();
    await peer.publish(subject, { id });
    await eventually(() => eventsOf(id).length === 1);
  }
}

async function readiness(url: string): Promise<Record<string, unknown>> {
  return (await (await fetch(`${url}/readyz`)).json()) as Record<string, unknown>;
}

test('When a replica is paused, then it takes orders and messages as ever, sends nothing, and says so; once it sends, all events leave in their order', async () => {
  const paused = await startTestService(pausedConfig);
  await eventually(async () => (await readiness(paused.url))['broker'] === 'up');
  expect(await readiness(paused.url)).toEqual({
    ...{ status: 'ready', database: 'up', broker: 'up' },
    publishing: 'paused',
  });
  expect(sumOf(await scrape(paused.url), 'orders_broker_paused')).toBe(1);

  const ticket = { id: newId(), version: 0, title: 'Concert', price: 20, userId: newId() };
  await peer.publish('ticket:created', ticket);
  let order = { id: '' };
  await eventually(async () => {
    const response = await requestOrder(paused.url, ticket.id);
    order = (await response.json()) as typeof order;
    return response.status === 201;
  });
  await peer.publish('payment:created', { id: randomUUID(), orderId: order.id, stripeChargeId: 'ch_1' });
  await eventually(async () => (await storedOrder(order.id))?.['status'] === 'paid');
  const buyer = signedIn();
  const cancelled = await placeOrder(paused.url, await storeTicket(database), buyer);
  await fetch(`${paused.url}/api/orders/${cancelled}`, { method: 'DELETE', headers: buyer });

  await seenEverything();
  expect(eventsOf(order.id, cancelled)).toEqual([]);
  const stored = await storedOrder(order.id);
  expect(stored).toMatchObject({ outbox: [{}, {}], relayDueAt: expect.any(Date) as Date });
  // Whoever sends next need not wait for a lease.
  expect(Number(stored?.['relayDueAt'])).toBeLessThanOrEqual(Date.now());
  // Nor does the last pass at the end send anything.
  await paused.stop();
  await seenEverything();
  expect(eventsOf(order.id, cancelled)).toEqual([]);

  const sending = await startTestService(secondInstance(config));
  await eventually(() => eventsOf(order.id, cancelled).length === 4);
  for (const id of [order.id, cancelled])
    expect(eventsOf(id).sort((one, other) => one.at - other.at)).toMatchObject([
      { subject: 'order:created', data: { version: 0 } },
      { data: { version: 1 } },
    ]);
  expect(await readiness(sending.url)).not.toHaveProperty('publishing');
  expect(sumOf(await scrape(sending.url), 'orders_broker_paused')).toBe(0);
}, 60_000);

test('When one replica is paused and another sends, then that one sends what the paused one has written, within seconds', async () => {
  const [paused] = await Promise.all([
    startTestService(secondInstance(pausedConfig)),
    startTestService(secondInstance(config)),
  ]);
  const id = await placeOrder(paused.url, await storeTicket(database));
  await eventually(() => eventsOf(id).length === 1, { withinMs: 8_000 });
}, 60_000);

test('When replicas start and stop, then those that are there are known, and which of them send', async () => {
  const own = testConfig();
  const replicas = createReplicaStore(replicaModel(await openDatabase(own)));
  const known = async () => (await replicas.present()).map(({ broker, paused }) => ({ broker, paused }));
  const paused = await startTestService({ ...own, brokerPaused: true });
  const sending = await startTestService(secondInstance(own));
  const [sendingOne, pausedOne] = [false, true].map((one) => ({ broker: 'NATS Streaming', paused: one }));
  expect(await known()).toHaveLength(2);
  expect(await known()).toEqual(expect.arrayContaining([sendingOne, pausedOne]));
  await sending.stop();
  expect(await known()).toEqual([pausedOne]);
  await paused.stop();
  expect(await known()).toEqual([]);
}, 60_000);

test('When somebody publishes all the same, then that fails, and the broker gets nothing', async () => {
  const broker = await connectBroker(
    { ...secondInstance(config), brokerPaused: true },
    { log: pino({ level: 'silent' }), clock: systemClock },
  );
  atEnd(() => broker.close());
  await eventually(() => broker.isConnected());
  const id = newId();
  await expect(broker.publish('order:created', JSON.stringify({ id }))).rejects.toThrow('BROKER_PAUSED');
  await seenEverything();
  expect(eventsOf(id)).toEqual([]);
});
