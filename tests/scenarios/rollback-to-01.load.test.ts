import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import mongoose, { type Connection } from 'mongoose';
import { buildRelease, releaseBefore } from '../../dev/builds.ts';
import { deadLetterModel } from '../../src/messaging/dead-letters/dead-letter-model.ts';
import { replicaModel } from '../../src/messaging/replicas/replica-model.ts';
import { createReplicaStore } from '../../src/messaging/replicas/replica-store.ts';
import type { Order } from '../../src/orders/domain/order.ts';
import { release } from '../../src/orders/domain/refund-transitions.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { recordRefund } from '../../src/orders/use-cases/record-refund.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { createWithdrawalStore } from '../../src/tickets/store/withdrawal-store.ts';
import { newId, requestOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { startOrdersCommand } from '../support/orders-command.ts';
import { pastOrders } from '../support/past-orders.ts';
import { connectPeer, openDatabase, testConfig } from '../support/running-service.ts';
import { environmentOf, runService } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What the release before does with each thing that `orders rollback-check` names, tried on that release. */

const config = testConfig({ logLevel: 'info' });
const context = () => ({ now: new Date() });
/** Settings that the release before does not know, and passes over. */
const settings = { BROKER_PAUSED: 'true', STATUS_NAMES: 'pending=created', EVENT_SPACING_SECONDS: '300' };
const withinMs = 60_000;

let database: Connection;
let past: ReturnType<typeof pastOrders>;
let peer: Awaited<ReturnType<typeof connectPeer>>;
let folder: string;
let url: string;
/** The orders that were stored, each by the rule that it is for. */
let stored: Awaited<ReturnType<typeof storeOrders>>;
let withdrawn: string;
let before: { status: number | null; stdout: string };

const orderOf = (id: string) =>
  database.collection('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });
const set = (id: string, update: Record<string, unknown>) =>
  database.collection('orders').updateOne({ _id: new mongoose.Types.ObjectId(id) }, update);

/** As this release writes them. Those whose events wait come last, since all others have had theirs acknowledged. */
async function storeOrders() {
  const place = () => past.place(new Date());
  const pay = async (order: Order, id: string) =>
    past.change(transitions.pay(order, { id, stripeChargeId: `ch_${id}` }, context()));
  const kept = await past.change(transitions.cancel(await place(), context()));
  await set(kept.id, { $set: { holdsTicket: true, expiresAt: new Date(0), keptUntil: new Date() } });
  const released = await past.change(release(await pay(await place(), 'released'), 'rain', context()));
  const refunded = await pay(await place(), 'refunded');
  const deps = { orders: past.orders, clock: () => new Date() };
  expect(await recordRefund(deps, refunded.id, { id: 'refunded' })).toEqual({ kind: 'order_cancelled' });
  const early = await place();
  await recordRefund(deps, early.id, { id: 'early' });
  const [extended, waiting] = [await place(), await place()];
  const [from, to] = [extended.expiresAt, new Date(Date.now() + 20_000)];
  await set(extended.id, {
    $set: {
      ...{ createdAt: new Date(Date.now() - 900_000), expiresAt: to },
      extensions: [{ n: 1, at: new Date(), from, to }],
    },
  });
  await past.change(transitions.pay(await place(), { id: 'no charge' }, context()));

  const event = (eventId: string, subject: string, data: object) => ({
    ...{ eventId, subject, at: new Date() },
    data: { eventId, id: waiting.id, ...data },
  });
  await set(waiting.id, {
    $set: {
      relayDueAt: new Date(),
      spacedUntil: new Date(Date.now() + 3_600_000),
      outbox: [
        event(`${waiting.id}:0`, 'order:created', { version: 0, status: 'pending' }),
        event(`${waiting.id}:extension:1`, 'order:hold-extended', {}),
      ],
    },
  });
  return { kept, released, refunded, early, extended, waiting, extendedUntil: to };
}

const check = (variables: Record<string, string> = {}) =>
  startOrdersCommand({ MONGO_URI: config.mongoUri, ...variables }, 'rollback-check', '--json').ended;
const namedIn = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { rule: string; severity: string; count: number; examples: string[] });

const ofReleaseBefore = (command: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(folder, 'dist', 'commands', `${command}.js`), ...args], {
    env: { PATH: process.env['PATH'], ...environmentOf(config) },
    encoding: 'utf8',
  });

beforeAll(async () => {
  folder = await temporaryFolder();
  const { entry } = await buildRelease(releaseBefore, { repository: '.', folder });
  database = await openDatabase(config);
  await ensureIndexes([orderCollection(database)]);
  past = pastOrders(database);
  peer = await connectPeer(config);
  withdrawn = await storeTicket(database);
  await createWithdrawalStore(ticketModel(database)).withdraw([withdrawn], new Date());
  await createReplicaStore(replicaModel(database)).report(newId(), {
    ...{ host: 'orders-7', pid: 1, broker: 'JetStream', paused: true },
  });
  const letter = { sequence: 1, timestamp: '1', reason: 'tried in vain', keptAt: new Date() };
  await deadLetterModel(database).create({
    ...{ ...letter, subject: 'payment:refunded', data: Buffer.from('{}') },
    origin: { broker: 'jetstream', stream: 'payments' },
  });
  stored = await storeOrders();
  before = await check(settings);
  url = await runService({ ...environmentOf(config), ...settings }, { args: [entry] }).url();
}, 300_000);

test('When there is something of each kind, then the check names all of it, and fails', () => {
  expect(before.status).toBe(1);
  const { kept, released, refunded, early, extended, waiting } = stored;
  const named = namedIn(before.stdout).map(({ rule, severity, count, examples }) => [
    `${severity} ${rule} ${count}`,
    new Set(examples),
  ]);
  expect(named).toEqual([
    ['blocks setting_on 3', new Set(Object.keys(settings))],
    ['blocks replica_paused 1', new Set(['orders-7'])],
    ['blocks replica_on_jetstream 1', new Set(['orders-7'])],
    ['blocks hold_kept 1', new Set([kept.id])],
    ['blocks ticket_withdrawn 1', new Set([withdrawn])],
    ['blocks refund_message_set_aside 1', expect.anything()],
    ['differs sale_undone 2', new Set([released.id, refunded.id])],
    ['differs hold_extended 1', new Set([extended.id])],
    ['differs extension_waits 1', new Set([waiting.id])],
    ['differs events_wait 1', new Set([waiting.id])],
    ['differs refund_open 1', new Set([released.id])],
    ['differs refund_completed 2', new Set([refunded.id, early.id])],
    ['differs payment_without_charge 1', expect.anything()],
  ]);
});

const shown = async ({ id, userId }: { id: string; userId: string }) =>
  (await (await fetch(`${url}/api/orders/${id}`, { headers: signedIn(userId) })).json()) as object;

test('hold_kept: 0.1 refuses the ticket, although the hold is over', async () => {
  await database.collection('tickets').insertOne({
    ...{ _id: new mongoose.Types.ObjectId(stored.kept.ticketId), title: 'Concert', price: 20, version: 0 },
  });
  const answer = await requestOrder(url, stored.kept.ticketId);
  expect([answer.status, await answer.json()]).toMatchObject([
    409,
    { errors: [{ code: 'ticket_reserved' }] },
  ]);
});

test('ticket_withdrawn: 0.1 sells the ticket', async () => {
  expect((await requestOrder(url, withdrawn)).status).toBe(201);
});

test('setting_on, replica_paused, events_wait, extension_waits: 0.1 sends what waits, at once and in our words', async () => {
  const sent = () => peer.seen.filter(({ data }) => data['id'] === stored.waiting.id);
  await eventually(() => sent().length > 0, { withinMs });
  await eventually(async () => (await orderOf(stored.waiting.id))?.['relayDueAt'] === undefined, {
    withinMs,
  });
  expect((await orderOf(stored.waiting.id))?.['outbox']).toEqual([]);
  expect(sent()[0]?.data).toMatchObject({ eventId: `${stored.waiting.id}:0`, status: 'pending' });
});

test('hold_extended: 0.1 ends the hold when it was extended to, and extends none', async () => {
  expect(await shown(stored.extended)).toMatchObject({ expiresAt: stored.extendedUntil.toISOString() });
  const { id, userId } = stored.extended;
  const headers = signedIn(userId);
  const extension = await fetch(`${url}/api/orders/${id}/extension`, { method: 'POST', headers });
  expect(extension.status).toBe(404);
  await eventually(async () => (await orderOf(id))?.['status'] === 'expired', { withinMs });
  const { history } = (await orderOf(id)) as unknown as { history: { at: Date }[] };
  expect(history.at(-1)?.at.getTime()).toBeGreaterThanOrEqual(stored.extendedUntil.getTime());
}, 90_000);

test('sale_undone: 0.1 shows the order cancelled and sells the ticket, its audit reports it, and its republish ends there', async () => {
  for (const { id, userId, ticketId } of [stored.released, stored.refunded]) {
    expect(await shown({ id, userId })).toMatchObject({ status: 'cancelled', version: 2 });
    await database.collection('tickets').insertOne({
      ...{ _id: new mongoose.Types.ObjectId(ticketId), title: 'Concert', price: 20, version: 0 },
    });
    expect((await requestOrder(url, ticketId)).status).toBe(201);
    const audited = ofReleaseBefore('audit').stdout.split('\n');
    expect(audited.find((line) => line.includes(id))).toContain('history_fits_version');
    const republish = ofReleaseBefore('republish', '--since', '2020-01-01T00:00:00Z', '--order', id);
    expect([republish.status, republish.stderr]).toEqual([
      1,
      expect.stringContaining('is paid, but by no payment'),
    ]);
  }
  expect(ofReleaseBefore('republish', '--since', '2020-01-01T00:00:00Z').status).toBe(1);
}, 90_000);

test('refund_open, refund_completed: 0.1 takes both for due, and buys nothing with a payment that was given back before it came', async () => {
  const { stdout } = ofReleaseBefore('audit');
  for (const [{ id }, payment] of [
    [stored.released, 'released'],
    [stored.refunded, 'refunded'],
    [stored.early, 'early'],
  ] as const)
    expect(stdout).toMatch(new RegExp(`${id}.*payment ${payment} is to be given back`));
  const orderId = stored.early.id;
  expect(ofReleaseBefore('republish', '--since', '2020-01-01T00:00:00Z', '--order', orderId).status).toBe(0);
  await eventually(() => peer.seen.some(({ data }) => data['eventId'] === `${orderId}:refund:early`), {
    withinMs,
  });
  await peer.publish('payment:created', { id: 'early', orderId, stripeChargeId: 'ch' });
  // Messages of one subject come in order, as long as none comes again.
  await peer.publish('payment:created', { id: 'next', orderId, stripeChargeId: 'ch' });
  await eventually(async () => (await orderOf(orderId))?.['status'] === 'paid', { withinMs });
  expect((await orderOf(orderId))?.['payments']).toMatchObject([
    { id: 'early', refund: 'refunded' },
    { id: 'next' },
  ]);
}, 90_000);

test('payment_without_charge, refund_message_set_aside: 0.1 sets such payments aside, and cannot replay a refund', async () => {
  const kept = (filter: object) => database.collection('dead_letters').findOne(filter);
  await peer.publish('payment:created', { id: 'bare', orderId: stored.waiting.id });
  await eventually(async () => (await kept({ subject: 'payment:created' })) !== null, { withinMs });
  const letter = await kept({ subject: 'payment:refunded' });
  const replay = ofReleaseBefore('dead-letters', 'replay', String(letter?._id));
  expect(`${replay.stdout}${replay.stderr}`).toContain('nobody listens to payment:refunded');
  expect(await kept({ subject: 'payment:refunded' })).not.toBeNull();
}, 90_000);

test('replica_on_jetstream: 0.1 does not start with JetStream alone', async () => {
  const { NATS_URL: _, ...variables } = environmentOf(config);
  const service = runService(
    { ...variables, JETSTREAM_URL: 'nats://127.0.0.1:1' },
    { args: [join(folder, 'dist', 'index.js')] },
  );
  expect(await service.exitCode).toBe(1);
  expect(service.output()).toContain('NATS_URL is missing');
});

test('When all of it is seen to, then nothing stands in the way, and what differs is still named', async () => {
  await database.collection('replicas').deleteMany({});
  await database.collection('dead_letters').deleteMany({ subject: 'payment:refunded' });
  await createWithdrawalStore(ticketModel(database)).offer([withdrawn]);
  await set(stored.kept.id, { $unset: { holdsTicket: 1, keptUntil: 1 } });
  const { status, stdout } = await check();
  expect(status).toBe(0);
  expect(new Set(namedIn(stdout).map(({ severity }) => severity))).toEqual(new Set(['differs']));
});
