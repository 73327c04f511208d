import mongoose, { type Connection } from 'mongoose';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import { newId, placeOrder, requestOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { runOrders, startOrdersCommand } from '../support/orders-command.ts';
import { type Peer, startTwoServicesAndPeer, testConfig } from '../support/running-service.ts';

/** Two services on one database, beside which an operator takes tickets from sale. Their clock is turned by the tests. */
const config = testConfig();
let now = new Date();
let database: Connection;
let peer: Peer;
let urls: string[];

beforeAll(async () => {
  ({ database, urls, peer } = await startTwoServicesAndPeer(config, { clock: () => now }));
});

const run = (...args: string[]) => runOrders(config.mongoUri, ...args);
const stored = (id: string) =>
  database.collection<OrderRecord>('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });
const eventsOf = (id: string) =>
  peer.seen
    .filter(({ data }) => data['id'] === id)
    .toSorted((one, other) => one.at - other.at)
    .map(({ data }) => data['eventId']);
const isSent = (id: string) =>
  eventually(async () => (await stored(id))?.outbox.length === 0, { withinMs: 30_000 });

async function refused(ticketId: string): Promise<unknown[]> {
  return Promise.all(
    urls.map(async (url) => {
      const answer = await requestOrder(url, ticketId);
      return [answer.status, await answer.json()];
    }),
  );
}

test('When a ticket is withdrawn, then it is as one that there is not, at once and on every replica, until it is offered', async () => {
  const ticketId = await storeTicket(database);
  expect(await run('withdraw', '--ticket', ticketId)).toMatchObject({
    status: 0,
    stdout: `${ticketId}  would be withdrawn\nNothing is changed without --yes\n`,
  });
  const buyer = { ...signedIn(), 'Idempotency-Key': newId() };
  const id = await placeOrder(urls[0] ?? '', ticketId, buyer);

  const none = newId();
  expect(await run('withdraw', '--ticket', ticketId, none, '--yes')).toMatchObject({
    status: 1,
    stdout: `${ticketId}  withdrawn\n${none}  there is no copy of this ticket, so nobody can buy it yet\n`,
  });
  expect(await refused(ticketId)).toEqual(await refused(none));
  const replay = await requestOrder(urls[1] ?? '', ticketId, buyer);
  expect([replay.status, ((await replay.json()) as { id: string }).id]).toEqual([201, id]);

  await peer.publish('ticket:updated', {
    id: ticketId,
    version: 1,
    title: 'new',
    price: 30,
    userId: newId(),
  });
  const copy = () => database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(ticketId) });
  await eventually(async () => (await copy())?.['version'] === 1, { withinMs: 30_000 });
  expect(await refused(ticketId)).toEqual(await refused(none));

  expect(await run('release', id, '--reason', 'broken', '--yes')).toMatchObject({ status: 0 });
  expect(await refused(ticketId)).toEqual(await refused(none));
  expect(await run('offer', '--ticket', ticketId, '--yes', '--json')).toMatchObject({
    status: 0,
    stdout: `${JSON.stringify({ ticketId, kind: 'changed', isMeant: true })}\n`,
  });
  expect((await requestOrder(urls[1] ?? '', ticketId)).status).toBe(201);
}, 120_000);

test('When orders of a withdrawn ticket are paid, then the money is given back, reason operator, while others are paid', async () => {
  const [pendingTicket, expiredTicket, other] = await Promise.all([1, 2, 3].map(() => storeTicket(database)));
  const expired = await placeOrder(urls[0] ?? '', expiredTicket ?? '');
  now = new Date(now.getTime() + config.orderHoldMs + 1);
  await eventually(async () => (await stored(expired))?.status === 'expired', { withinMs: 30_000 });
  const pending = await placeOrder(urls[0] ?? '', pendingTicket ?? '');
  const free = await placeOrder(urls[1] ?? '', other ?? '');
  await run('withdraw', '--ticket', pendingTicket ?? '', expiredTicket ?? '', '--yes');

  for (const orderId of [pending, expired, free]) await peer.publish('payment:created', { id: 'p', orderId });
  for (const orderId of [pending, expired, free]) {
    await eventually(async () => (await stored(orderId))?.payments.length === 1, { withinMs: 30_000 });
    await isSent(orderId);
  }
  expect(await stored(pending)).toMatchObject({ status: 'pending', payments: [{ refund: 'operator' }] });
  expect(await stored(expired)).toMatchObject({ status: 'expired', payments: [{ refund: 'operator' }] });
  expect(await stored(free)).toMatchObject({ status: 'paid' });
  await eventually(() => eventsOf(expired).length === 3 && eventsOf(pending).length === 2);
  expect(eventsOf(pending)).toEqual([`${pending}:0`, `${pending}:refund:p`]);
  const refund = peer.seen.find(({ data }) => data['eventId'] === `${expired}:refund:p`);
  expect(refund).toMatchObject({
    subject: 'order:refund-required',
    data: { reason: 'operator', amount: 20 },
  });
}, 120_000);

test('When a paid order is released by the command, then a service sends what it has written, in order', async () => {
  const orderId = await placeOrder(urls[0] ?? '', await storeTicket(database));
  await peer.publish('payment:created', { id: 'p', orderId });
  await eventually(async () => (await stored(orderId))?.status === 'paid', { withinMs: 30_000 });
  const cancelled = newId();
  const { status, stdout } = await run('release', orderId, cancelled, '--reason', 'sold to a tout', '--yes');
  expect([status, stdout.split('\n')]).toEqual([
    1,
    [
      `${orderId}  cancelled, and payment p is to be given back: it was paid`,
      `${cancelled}  there is no such order (the ids of tickets go behind --ticket)`,
      'released 1 orders: 0 pending, 1 paid, whose payments are to be given back; 0 with nothing to release; 1 failed',
      '',
    ],
  ]);
  await isSent(orderId);
  const all = [0, 1, 2].map((version) => `${orderId}:${version}`);
  await eventually(() => eventsOf(orderId).length === 4, { withinMs: 30_000 });
  expect(eventsOf(orderId)).toEqual([...all, `${orderId}:refund:p`]);
  const again = await run('release', orderId, '--reason', 'sold to a tout', '--yes');
  expect(again).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(`${orderId}  nothing to release: it is cancelled`) as string,
  });
}, 120_000);

test('When a release is interrupted while it waits for its last look, then it says how far it came', async () => {
  const ticketId = await storeTicket(database);
  await placeOrder(urls[0] ?? '', ticketId);
  const args = ['release', '--ticket', ticketId, '--withdraw', '--reason', 'the hall is closed', '--yes'];
  const command = startOrdersCommand({ MONGO_URI: config.mongoUri }, ...args);
  await eventually(() => command.printed().includes('cancelled: it was pending'), { withinMs: 30_000 });
  command.kill('SIGINT');
  expect(await command.ended).toMatchObject({
    status: 130,
    stderr: expect.stringMatching(
      /^ended early: released 1 orders: 1 pending, 0 paid so far; run it again for the rest$/m,
    ) as string,
  });
}, 120_000);
