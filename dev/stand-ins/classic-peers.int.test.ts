import type { Connection } from 'mongoose';
import { ackWaitMs } from '../../src/messaging/broker.ts';
import type { StatusNames } from '../../src/orders/domain/status-names.ts';
import type { Service } from '../../src/service.ts';
import { collecting, connectClient } from '../../tests/conformance/broker-under-test.ts';
import { newId, placeOrder, requestOrder, signedIn, storeTicket } from '../../tests/support/buyer.ts';
import {
  type ClassicMarketplace,
  offerTickets,
  startClassicMarketplace,
} from '../../tests/support/classic-marketplace.ts';
import { commandVariables } from '../../tests/support/command-run.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { runOrders } from '../../tests/support/orders-command.ts';
import { startOwnBroker } from '../../tests/support/own-broker.ts';
import {
  connectPeer,
  openDatabase,
  type Peer,
  secondInstance,
  startTestService,
  type TestConfig,
  testConfig,
} from '../../tests/support/running-service.ts';

/** The stand-ins have the faults of the services that they stand for, beside a service that has no settings for them. */

const withinMs = 20_000;
const classicNames: StatusNames = {
  pending: 'created',
  paid: 'complete',
  cancelled: 'cancelled',
  expired: 'cancelled',
};
let config: TestConfig;
let marketplace: ClassicMarketplace;
let database: Connection;
let plain: Service;
let peer: Peer;

beforeAll(async () => {
  config = testConfig();
  const { url, clusterId } = await startOwnBroker();
  config.nats = { ...config.nats, url, clusterId };
  database = await openDatabase(config);
  peer = await connectPeer(config);
  plain = await startTestService(config);
  marketplace = await startClassicMarketplace(config);
}, 60_000);

/** Tickets that the service sells already. */
async function ticketsOnSale(count: number): Promise<string[]> {
  const before = await database.collection('tickets').countDocuments();
  const ids = await offerTickets(marketplace.tickets, count);
  await eventually(async () => (await database.collection('tickets').countDocuments()) === before + count);
  return ids;
}

const failures = (service: keyof ClassicMarketplace, orderId: string) =>
  marketplace[service].peer.failed().filter(({ content }) => content.id === orderId);
const lockOf = async (ticketId: string) => (await marketplace.tickets.find(ticketId))?.orderId;

/** The events of an order as a service with classic names publishes them. */
function eventsOf(userId = newId()) {
  const common = { id: newId(), userId, ticket: { id: newId(), price: 20 } };
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  return {
    created: { ...common, version: 0, status: 'created', expiresAt },
    cancelled: { ...common, version: 1, status: 'cancelled' },
  };
}

test('When a service calls an order pending, then payments never takes its order:created, and no payment for it', async () => {
  const [ticketId = ''] = await ticketsOnSale(1);
  const userId = newId();
  const orderId = await placeOrder(plain.url, ticketId, signedIn(userId));
  await eventually(() => failures('payments', orderId).length >= 2, { withinMs });
  for (const { error } of failures('payments', orderId))
    expect(error).toMatch(/`pending` is not a valid enum/);
  expect(await marketplace.payments.pay({ orderId, userId })).toMatchObject({ refused: 404 });
  await eventually(async () => (await lockOf(ticketId)) === orderId);
});

test('When a ticket is let go, bought by the next and let go again within moments, then it may stay locked for that dead order', async () => {
  const buyer = { ...signedIn(), 'Content-Type': 'application/json' };
  const cancel = async (id: string) => {
    const answer = await fetch(`${plain.url}/api/orders/${id}`, { method: 'DELETE', headers: buyer });
    expect(answer.status).toBe(204);
  };
  /** The second buyer asks without pause, so that the order comes in the moment in which the first one ends. */
  const takeOver = async (ticketId: string) => {
    const first = await placeOrder(plain.url, ticketId, buyer);
    await eventually(async () => (await lockOf(ticketId)) === first);
    let second = '';
    const asking = eventually(
      async () => {
        const answer = await requestOrder(plain.url, ticketId, buyer);
        second = ((await answer.json()) as { id: string }).id;
        return answer.status === 201;
      },
      { everyMs: 0 },
    );
    await cancel(first);
    await asking;
    await cancel(second);
    return { ticketId, second };
  };
  const stale = async ({ ticketId, second }: { ticketId: string; second: string }) =>
    failures('tickets', second).some(({ subject }) => subject === 'order:created') &&
    (await lockOf(ticketId)) === second;
  // Who loses the lock is chance, so it is tried until a dead order's event has come late.
  const orders: Awaited<ReturnType<typeof takeOver>>[] = [];
  await eventually(
    async () => {
      if (orders.length < 120) orders.push(...(await Promise.all((await ticketsOnSale(4)).map(takeOver))));
      return (await Promise.all(orders.map(stale))).includes(true);
    },
    { withinMs: 60_000, everyMs: 500 },
  );
  const failed = marketplace.tickets.peer.failed().map(({ error }) => error);
  expect(failed.filter((error) => /VersionError/.test(error))).not.toEqual([]);
}, 90_000);

test('When an order is known to payments, then its buyer alone can pay, once more with each request, and not after its end', async () => {
  const userId = newId();
  const { created, cancelled } = eventsOf(userId);
  const { id: orderId } = created;
  const pay = (user = userId) => marketplace.payments.pay({ orderId, userId: user });
  await peer.publish('order:created', created);
  await eventually(async () => !('refused' in (await pay())));
  expect(await pay(newId())).toMatchObject({ refused: 401 });
  const charge = await pay();
  expect(charge).toMatchObject({ orderId, stripeId: expect.stringMatching(/^ch_/) as string });
  expect(await marketplace.payments.find(orderId)).toEqual(charge);

  await peer.publish('order:cancelled', cancelled);
  await eventually(async () => 'refused' in (await pay()));
  expect(await pay()).toMatchObject({ refused: 400, message: 'Cannot pay for a cancelled order' });
});

test('When an event comes again, or one is missing before it, then payments does not acknowledge it', async () => {
  const { created, cancelled } = eventsOf();
  await peer.publish('order:created', created);
  await peer.publish('order:created', created);
  await peer.publish('order:cancelled', { ...cancelled, version: 2 });
  const errors = () => failures('payments', created.id).map(({ error }) => error);
  await eventually(() => errors().filter((error) => /E11000/.test(error)).length >= 2, { withinMs });
  await eventually(() => errors().filter((error) => /Order not found/.test(error)).length >= 2, { withinMs });
});

test('When an operator releases a paid order, then payments never takes its order:cancelled: it has not heard of order:paid', async () => {
  const own = { ...testConfig({ statusNames: classicNames }), nats: secondInstance(config).nats };
  const tickets = await openDatabase(own);
  const named = await startTestService(own);
  const userId = newId();
  const orderId = await placeOrder(named.url, await storeTicket(tickets), signedIn(userId));
  const pay = () => marketplace.payments.pay({ orderId, userId });
  await eventually(async () => !('refused' in (await pay())), { withinMs });
  const isPaid = async () => (await tickets.collection('orders').countDocuments({ status: 'paid' })) === 1;
  // A message that a busy database failed comes again.
  await eventually(isPaid, { withinMs: ackWaitMs + 10_000 });
  const release = ['release', orderId, '--reason', 'the seat is broken', '--yes'];
  expect(await runOrders(own.mongoUri, ...release)).toMatchObject({ status: 0 });
  const refused = () => failures('payments', orderId).filter(({ error }) => /Order not found/.test(error));
  await eventually(() => refused().length >= 2, { withinMs });
}, 120_000);

test('When any order of a ticket is cancelled, then the ticket is unlocked, and each event makes a version of it', async () => {
  const [ticketId = ''] = await ticketsOnSale(1);
  const [holding, other] = [eventsOf(), eventsOf()];
  const ticket = { id: ticketId, price: 20 };
  await peer.publish('order:created', { ...holding.created, ticket });
  await eventually(async () => (await lockOf(ticketId)) === holding.created.id);
  await peer.publish('order:cancelled', { ...other.cancelled, ticket });
  await eventually(async () => (await lockOf(ticketId)) === null);
  await peer.publish('order:cancelled', { ...other.cancelled, ticket });
  await eventually(async () => (await marketplace.tickets.find(ticketId))?.version === 3);
  // The service has followed, version by version.
  const copy = () => database.collection('tickets').findOne({ version: 3 });
  await eventually(async () => (await copy())?._id.toHexString() === ticketId);
});

test('When a seller edits a ticket, then only one of two edits at a moment is saved, and the service gets it', async () => {
  const [ticketId = ''] = await ticketsOnSale(1);
  const edits = Array.from({ length: 8 }, () => marketplace.tickets.update(ticketId));
  const outcomes = await Promise.allSettled(edits);
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect((await marketplace.tickets.find(ticketId))?.version).toBe(8 - refused.length);
});

test('When the time of an order is over, then expiration:complete is published, even when the order is over long since', async () => {
  const orderId = newId();
  const hints = await collecting(connectClient(commandVariables(config)), 'expiration:complete');
  const { created } = eventsOf();
  await peer.publish('order:created', { ...created, id: orderId, expiresAt: new Date(Date.now() + 500) });
  await peer.publish('order:cancelled', { ...created, id: orderId, version: 1, status: 'cancelled' });
  await eventually(() => hints.includes(JSON.stringify({ orderId })));
});
