import type { Connection } from 'mongoose';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import type { Service } from '../../src/service.ts';
import { newId, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  type Peer,
  startTwoServices,
  testConfig,
} from '../support/running-service.ts';

const config = testConfig();
let now = new Date();
let database: Connection;
let services: Service[];
let peer: Peer;

beforeAll(async () => {
  database = await openDatabase(config);
  services = await startTwoServices(config, { clock: () => now });
  peer = await connectPeer(config);
});

/** The n-th request goes to the n-th service in turn. */
async function send(
  turn: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
) {
  const service = services[turn % services.length];
  return fetch(`${service?.url}${path}`, {
    method,
    headers: { ...headers, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function buyAtOnce(ticketId: string, buyers: number): Promise<number[]> {
  const answers = await Promise.all(
    Array.from({ length: buyers }, (_, turn) => send(turn, 'POST', '/api/orders', signedIn(), { ticketId })),
  );
  return answers.map(({ status }) => status);
}

async function ordersOf(ticketId: string): Promise<OrderRecord[]> {
  const found = await database.collection<OrderRecord>('orders').find().toArray();
  return found.filter((order) => order.ticketId.toHexString() === ticketId);
}

test('When 100 buyers race for one ticket over two services, then exactly one gets it, ten times in a row', async () => {
  for (let round = 0; round < 10; round++) {
    const ticketId = await storeTicket(database);
    const statuses = await buyAtOnce(ticketId, 100);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(99);
    expect(await ordersOf(ticketId)).toHaveLength(1);
  }
}, 120_000);

test('When 50 buyers come in the moment a hold ends, then one takes it over and the old order expires once', async () => {
  const ticketId = await storeTicket(database);
  expect(await buyAtOnce(ticketId, 1)).toEqual([201]);
  now = new Date(now.getTime() + config.orderHoldMs);
  const statuses = await buyAtOnce(ticketId, 50);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => status === 409)).toHaveLength(49);
  const orders = await ordersOf(ticketId);
  expect(orders.filter((order) => order.holdsTicket)).toHaveLength(1);
  const [old] = orders.filter((order) => order.status === 'expired');
  expect(old).toMatchObject({ version: 1 });
  await eventually(() => peer.seen.some(({ data }) => data['eventId'] === `${old?._id.toHexString()}:1`));
});

test('When cancel, payment and expiry meet on one order, then one of them wins and every event fits it', async () => {
  for (let round = 0; round < 10; round++) {
    const ticketId = await storeTicket(database);
    const buyer = signedIn();
    const placed = (await (await send(0, 'POST', '/api/orders', buyer, { ticketId })).json()) as {
      id: string;
    };
    now = new Date(now.getTime() + config.orderHoldMs - 1);
    const cancelling = Array.from({ length: 4 }, (_, turn) =>
      send(turn, 'DELETE', `/api/orders/${placed.id}`, buyer),
    );
    const paying = peer.publish('payment:created', {
      id: newId(),
      orderId: placed.id,
      stripeChargeId: 'ch_1',
    });
    now = new Date(now.getTime() + 1);
    const hinting = peer.publish('expiration:complete', { orderId: placed.id });
    const [answers] = await Promise.all([Promise.all(cancelling), paying, hinting]);
    for (const { status } of answers) expect([204, 409]).toContain(status);

    const settled = async () => {
      const [order] = await ordersOf(ticketId);
      return order && order.payments.length === 1 && order.outbox.length === 0 ? order : undefined;
    };
    await eventually(async () => (await settled()) !== undefined);
    const order = await settled();
    expect(order?.history.map(({ version }) => version)).toEqual(order?.history.map((_, index) => index));
    expect(order?.history.at(-1)?.status).toBe(order?.status);
    expect(order?.holdsTicket ?? false).toBe(order?.status === 'paid');
    const eventIds = new Set(
      peer.seen.map(({ data }) => data['eventId']).filter((id) => String(id).startsWith(placed.id)),
    );
    const wanted = order?.history.map(({ version }) => `${placed.id}:${version}`) ?? [];
    const refunds = (order?.payments ?? [])
      .filter(({ refund }) => refund)
      .map(({ id }) => `${placed.id}:refund:${id}`);
    await eventually(() =>
      [...wanted, ...refunds].every(
        (id) => eventIds.has(id) || peer.seen.some(({ data }) => data['eventId'] === id),
      ),
    );
    expect(order?.status === 'cancelled').toBe(refunds.length === 1);
  }
}, 60_000);
