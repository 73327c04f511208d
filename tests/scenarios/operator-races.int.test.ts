import mongoose, { type Connection } from 'mongoose';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { createTicketHolderStore } from '../../src/orders/store/ticket-holder-store.ts';
import { type ReleaseOutcome, releaseOrder } from '../../src/orders/use-cases/release-order.ts';
import { releaseWithdrawn } from '../../src/orders/use-cases/release-tickets.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { createWithdrawalStore } from '../../src/tickets/store/withdrawal-store.ts';
import { changeSale } from '../../src/tickets/use-cases/change-sale.ts';
import { placeOrder, requestOrder, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type Peer, startTwoServicesAndPeer, testConfig } from '../support/running-service.ts';

/** An operator's releases race with what two services do on the same orders. The services' clock is turned by the tests. */
const config = testConfig();
const reason = 'the hall is closed';
const patient = { withinMs: 30_000 };
let now = new Date();
let database: Connection;
let peer: Peer;
let urls: string[];

beforeAll(async () => {
  ({ database, urls, peer } = await startTwoServicesAndPeer(config, { clock: () => now }));
});

const clock = () => now;
const releaseDeps = () => ({
  orders: createOrderStore(orderModel(database), ticketModel(database), leaveToSweep(clock)),
  clock,
});
const stored = async (id: string) => {
  const order = await database
    .collection<OrderRecord>('orders')
    .findOne({ _id: new mongoose.Types.ObjectId(id) });
  if (!order) throw new Error('there is no such order');
  return order;
};
const urlOf = (index: number) => urls[index % 2] ?? '';
const placeOne = async (index: number) => placeOrder(urlOf(index), await storeTicket(database));
const pay = (orderId: string) => peer.publish('payment:created', { id: `pay ${orderId}`, orderId });
const subjectsOf = (id: string) =>
  peer.seen.filter(({ data }) => data['id'] === id).map(({ subject }) => subject);

/** What happened to an order, each change by its status and cause, and its payment's refund. */
async function lifeOf(id: string): Promise<string> {
  const { history, payments } = await stored(id);
  const changes = history.slice(1).map(({ status, cause }) => `${status} by ${cause}`);
  return [...changes, ...payments.map(({ refund }) => `refund ${refund ?? 'none'}`)].join(', ');
}

/** Waits until all events of the orders are sent, and compares them with what is stored. */
async function expectEvents(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await eventually(async () => (await stored(id)).outbox.length === 0, patient);
    const { history, payments } = await stored(id);
    const subjects = {
      pending: 'order:created',
      paid: 'order:paid',
      cancelled: 'order:cancelled',
      expired: 'order:cancelled',
    };
    const asked = payments.filter(({ refund }) => refund !== undefined && refund !== 'refunded');
    const expected = [
      ...history.map(({ status }) => subjects[status]),
      ...asked.map(() => 'order:refund-required'),
    ];
    await eventually(() => subjectsOf(id).length >= expected.length, patient);
    const inOrder = (subjects: string[]) => subjects.toSorted((one, other) => one.localeCompare(other));
    expect(inOrder(subjectsOf(id))).toEqual(inOrder(expected));
  }
}

test('When releases race with payments of pending orders on two services, then each order is cancelled, and its money is given back once', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, (_, index) => placeOne(index)));
  const deps = releaseDeps();
  const outcomes: ReleaseOutcome[] = [];
  await Promise.all(
    ids.map(async (id, index) => {
      const release = async () => outcomes.push(await releaseOrder(deps, id, reason));
      if (index % 2 === 0) await Promise.all([pay(id), release()]);
      else await pay(id).then(release);
    }),
  );
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['released']));
  for (const id of ids) await eventually(async () => (await stored(id)).payments.length === 1, patient);
  for (const id of ids)
    expect([
      'cancelled by operator, refund order_cancelled',
      'paid by payment, cancelled by operator, refund operator',
    ]).toContain(await lifeOf(id));
  await expectEvents(ids);
}, 120_000);

test('When releases race with late payments, then an order is paid and stays so, or is released, and its money is given back', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, (_, index) => placeOne(index)));
  now = new Date(now.getTime() + config.orderHoldMs + 1);
  for (const id of ids) await eventually(async () => (await stored(id)).status === 'expired', patient);
  const deps = releaseDeps();
  await Promise.all(ids.map((id) => Promise.all([pay(id), releaseOrder(deps, id, reason)])));
  for (const id of ids) await eventually(async () => (await stored(id)).payments.length === 1, patient);
  for (const id of ids)
    expect([
      'expired by expiry, paid by payment, refund none',
      'expired by expiry, paid by payment, cancelled by operator, refund operator',
    ]).toContain(await lifeOf(id));
  // Whatever was paid after the release is released as paid.
  for (const id of ids) await releaseOrder(deps, id, reason);
  expect(new Set(await Promise.all(ids.map(lifeOf)))).toEqual(
    new Set(['expired by expiry, paid by payment, cancelled by operator, refund operator']),
  );
  await expectEvents(ids);
}, 120_000);

test('When releases race with refunds on two services, then a paid order is cancelled once, by one of them, and its refund is completed', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, (_, index) => placeOne(index)));
  for (const id of ids) await pay(id);
  for (const id of ids) await eventually(async () => (await stored(id)).status === 'paid', patient);
  const deps = releaseDeps();
  const outcomes = await Promise.all(
    ids.map(async (orderId, index) => {
      const refunded = () => peer.publish('payment:refunded', { orderId, paymentId: `pay ${orderId}` });
      // A message takes a moment, so that some of the releases wait for theirs.
      if (index % 2 === 0) await refunded();
      const [outcome] = await Promise.all([
        releaseOrder(deps, orderId, reason),
        index % 2 === 1 && refunded(),
      ]);
      return outcome.kind;
    }),
  );
  const isCompleted = async (id: string) => (await stored(id)).payments[0]?.refundCompletedAt !== undefined;
  for (const id of ids) await eventually(() => isCompleted(id), patient);
  for (const [index, id] of ids.entries())
    expect([outcomes[index], await lifeOf(id)]).toEqual(
      outcomes[index] === 'released'
        ? ['released', 'paid by payment, cancelled by operator, refund operator']
        : ['nothing_to_release', 'paid by payment, cancelled by refund, refund refunded'],
    );
  await expectEvents(ids);
}, 120_000);

test('When tickets are called off while buyers press on two services, then nobody holds one at the end, and nobody can buy', async () => {
  const tickets = await Promise.all(Array.from({ length: 20 }, () => storeTicket(database)));
  const placed: string[] = [];
  const statuses = new Set<number>();
  let presses = 0;
  const pressing = new AbortController();
  const press = async (ticketId: string, index: number) => {
    while (!pressing.signal.aborted) {
      const answer = await requestOrder(urlOf(index), ticketId);
      presses++;
      statuses.add(answer.status);
      const { id } = (await answer.json()) as { id?: string };
      if (answer.status !== 201 || id === undefined) continue;
      placed.push(id);
      if (placed.length % 2 === 0) await pay(id);
    }
  };
  const buyers = tickets.map(press);
  await eventually(() => placed.length === tickets.length, patient);

  const holders = createTicketHolderStore(orderModel(database));
  const withdrawals = createWithdrawalStore(ticketModel(database));
  await changeSale({ withdrawals, clock }, 'withdraw', tickets);
  let uptime = 0;
  const run = releaseWithdrawn(
    {
      ...{ ...releaseDeps(), holders, signal: new AbortController().signal },
      uptimeMs: () => uptime,
      async sleep(milliseconds) {
        // Until every request that had begun before has ended, as the real wait is long enough for.
        uptime += milliseconds;
        const before = presses;
        await eventually(() => presses > before + 3 * tickets.length, patient);
      },
    },
    { ticketIds: tickets, reason },
  );
  for await (const { outcome } of run) expect(['released', 'not_held']).toContain(outcome.kind);
  pressing.abort();
  await Promise.all(buyers);
  expect(statuses).toEqual(new Set([201, 404, 409]));
  expect(await holders.findHolders(tickets)).toEqual(new Map());
  const life = new Set(
    await Promise.all(placed.map(async (id) => (await lifeOf(id)).replace(/, refund.*/, ''))),
  );
  for (const one of life)
    expect(['cancelled by operator', 'paid by payment, cancelled by operator']).toContain(one);
  await expectEvents(placed);
}, 120_000);
