import mongoose, { type Connection } from 'mongoose';
import { newId } from '../../tests/support/buyer.ts';
import { runCommand } from '../../tests/support/command-run.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';
import { replicaModel } from '../messaging/replicas/replica-model.ts';
import { createReplicaStore } from '../messaging/replicas/replica-store.ts';
import * as transitions from '../orders/domain/transitions.ts';
import { type OrderRecord, orderModel } from '../orders/store/order-model.ts';
import { createOrderStore } from '../orders/store/order-store.ts';
import { leaveToSweep } from '../outbox/outbox-notifier.ts';
import { parkedUpdateModel, ticketModel } from '../tickets/store/ticket-model.ts';
import { createTicketStore } from '../tickets/store/ticket-store.ts';

const config = testConfig();
let database: Connection;

beforeAll(async () => {
  database = await openDatabase(config);
});
beforeEach(async () => {
  await database.collection('orders').deleteMany({});
  await database.collection('parked_ticket_updates').deleteMany({});
});

const run = (...args: string[]) => runCommand({ MONGO_URI: config.mongoUri }, 'audit', ...args);

/** Places a sound order of that time, then spoils it. No index is built, so that impossible states can be stored. */
async function storeOrder(
  spoil: Record<string, unknown>,
  now = new Date(),
  ticketId = newId(),
): Promise<void> {
  const orders = createOrderStore(
    orderModel(database),
    ticketModel(database),
    leaveToSweep(() => now),
  );
  const ticket = { id: ticketId, title: 'A', price: 1, version: 0 };
  const { order, event } = transitions.place({ id: newId(), userId: 'u', ticket, holdMs: 900_000 }, { now });
  await orders.insert(order, event);
  if (Object.keys(spoil).length === 0) return;
  const _id = new mongoose.Types.ObjectId(order.id);
  await database.collection<OrderRecord>('orders').updateOne({ _id }, spoil);
}

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000);
const ticketId = newId();

test.each([
  [
    'one_holder_per_ticket',
    () => [storeOrder({}, new Date(), ticketId), storeOrder({}, new Date(), ticketId)],
  ],
  ['document_is_readable', () => [storeOrder({ $set: { history: 'expired by hand' } })]],
  ['hold_fits_status', () => [storeOrder({ $unset: { holdsTicket: 1 } })]],
  ['history_fits_version', () => [storeOrder({ $inc: { version: 1 } })]],
  ['events_fit_history', () => [storeOrder({ $unset: { relayDueAt: 1 } })]],
  ['events_leave_within_a_minute', () => [storeOrder({}, ago(90))]],
  ['holds_end_in_time', () => [storeOrder({ $set: { outbox: [] }, $unset: { relayDueAt: 1 } }, ago(1_000))]],
] as const)('When %s is broken, then the audit names it and exits with 1', async (rule, spoil) => {
  await Promise.all(spoil());
  const { status, stdout } = run();
  expect(stdout).toMatch(new RegExp(`^broken +${rule} `));
  expect(stdout).toContain('1 promises broken, 0 things due');
  expect(status).toBe(1);
});

test('When the service is paused, then the audit says that instead of a broken promise, and exits with 0', async () => {
  await storeOrder({}, ago(90));
  const replicas = createReplicaStore(replicaModel(database));
  const id = newId();
  await replicas.report(id, { host: 'orders-1', pid: 1, broker: 'JetStream', paused: true });
  const { status, stdout } = run();
  await replicas.remove(id);
  expect(stdout).toMatch(
    /^due +publishing_paused +BROKER_PAUSED {2}every replica is paused: the events of 1 /,
  );
  expect(stdout).toContain('0 promises broken, 1 things due');
  expect(status).toBe(0);
});

test('When a gap is open, then the audit reports its size and age per ticket and exits with 0', async () => {
  await storeOrder({});
  const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
  const ids = [newId(), newId()] as const;
  for (const version of [5, 6])
    await tickets.park({ id: ids[0], title: 'B', price: 1, version }, ago(120 - version));
  await tickets.park({ id: ids[1], title: 'C', price: 1, version: 2 }, ago(10));

  const { status, stdout } = run('--json');
  expect(status).toBe(0);
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { subject: string; gap: { oldestSeconds: number } });
  expect(found).toMatchObject([
    { severity: 'due', rule: 'gap_open', subject: ids[0], gap: { parked: 2, lowestVersion: 5 } },
    { severity: 'due', rule: 'gap_open', subject: ids[1], gap: { parked: 1, lowestVersion: 2 } },
  ]);
  expect(found[0]?.gap.oldestSeconds).toBeGreaterThanOrEqual(115);
  expect(run().stdout).toMatch(
    new RegExp(`gap_open +${ids[0]}  2 parked, from version 5 on, the oldest for 1\\d\\d s`),
  );
});

test('When an id holds what a terminal would obey, then it is an escape, for people and machines', async () => {
  const hostile = '\u001b[2J\u007f\u009b1;1H\u202e0 promises broken\u2028';
  const payment = { id: hostile, stripeChargeId: 'ch', at: new Date(), refund: 'ticket_taken' };
  await storeOrder({ $push: { payments: payment } });
  const escaped = String.raw`\u001b[2J\u007f\u009b1;1H\u202e0 promises broken\u2028`;
  for (const args of [[], ['--json']]) {
    const { stdout } = run(...args);
    expect(stdout).toContain(escaped);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
  }
  expect(JSON.parse(run('--json').stdout)).toMatchObject({
    detail: expect.stringContaining(hostile) as string,
  });
}, 60_000);

test('When the command line is wrong, then it says what would be right and exits with 2', () => {
  expect(run('--all')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('usage: audit') as string,
  });
  expect(run('orders').status).toBe(2);
});

test('When help is asked for, then the usage is printed and nothing is done', () => {
  for (const option of ['--help', '-h'])
    expect(run(option)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('usage: audit') as string,
    });
});
