import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import mongoose, { type Connection } from 'mongoose';
import { atEnd } from '../../tests/support/at-end.ts';
import { newId, signedIn, storeTicket } from '../../tests/support/buyer.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { pastOrders } from '../../tests/support/past-orders.ts';
import {
  connectPeer,
  openDatabase,
  type Peer,
  startTestService,
  testConfig,
} from '../../tests/support/running-service.ts';
import type { Config } from '../config.ts';
import * as transitions from '../orders/domain/transitions.ts';

const config = testConfig();
const since = '2026-01-01T00:00:00Z';
/** A moment of the past, so that the end of the time is what the test says. */
const at = (seconds: number) => new Date(Date.parse(since) + seconds * 1_000);
const payment = { id: 'pay', stripeChargeId: 'ch' };
let database: Connection;
let peer: Peer;
let past: ReturnType<typeof pastOrders>;

beforeAll(async () => {
  database = await openDatabase(config);
  peer = await connectPeer(config);
  past = pastOrders(database);
});
beforeEach(async () => {
  await database.collection('orders').deleteMany({});
  peer.seen.length = 0;
});

const commandOf = (args: string[]) => ['--import', 'tsx', 'src/commands/republish.ts', ...args];

function environmentOf({ nats, mongoUri }: Config) {
  const { url, clusterId } = nats;
  return { PATH: process.env['PATH'], MONGO_URI: mongoUri, NATS_URL: url, NATS_CLUSTER_ID: clusterId };
}

function run(...args: string[]) {
  return spawnSync(process.execPath, commandOf(args), { env: environmentOf(config), encoding: 'utf8' });
}

/** What came again of these orders, and in which order, by the broker's clock. */
function seenOf(...ids: string[]) {
  return peer.seen
    .filter(({ data }) => ids.includes(String(data['id'])) || ids.includes(String(data['orderId'])))
    .sort((one, other) => one.at - other.at);
}

test('When the broker has lost its store, then the events since a time go out again with their ids', async () => {
  const { url } = await startTestService(config);
  const buyer = { ...signedIn(), 'Content-Type': 'application/json' };
  const body = JSON.stringify({ ticketId: await storeTicket(database) });
  const answer = await fetch(`${url}/api/orders`, { method: 'POST', headers: buyer, body });
  const { id } = (await answer.json()) as { id: string };
  await peer.publish('payment:created', { id: 'pay-1', orderId: id, stripeChargeId: 'ch_1' });
  await peer.publish('payment:created', { id: 'pay-2', orderId: id, stripeChargeId: 'ch_2' });
  const ofOrder = () => peer.seen.filter(({ data }) => data['id'] === id);
  await eventually(() => ofOrder().length === 3);
  const first = ofOrder().map(({ data }) => data);
  // What still waits in an outbox is not sent again, and an event is there for a moment after the broker has it.
  const sent = { outbox: { $size: 0 } };
  await eventually(async () => (await database.collection('orders').countDocuments(sent)) === 1);

  const subjects = '1 order:created, 1 order:paid, 1 order:refund-required';
  expect(run('--since', since, '--order', id, '--yes')).toMatchObject({
    status: 0,
    stdout: `sent 3 events of 1 orders: ${subjects}\n`,
    stderr: '',
  });
  await eventually(() => ofOrder().length === 6);
  const again = ofOrder()
    .slice(3)
    .map(({ data }) => data);
  for (const { correlationId: _, ...event } of first)
    expect(again).toContainEqual({ ...event, replayed: true });

  const later = new Date(Date.now() + 60_000).toISOString();
  expect(run('--since', later, '--yes')).toMatchObject({ status: 0, stdout: 'sent 0 events of 0 orders\n' });
});

test('When --yes is missing, then it says what would be sent, and how much of it, and needs no broker', async () => {
  const order = await past.place(at(1));
  await past.change(transitions.pay(order, payment, { now: at(2) }));
  const cancelled = await past.place(at(1));
  await past.change(transitions.cancel(cancelled, { now: at(2) }));
  // More than a page of them.
  const [document] = await database
    .collection('orders')
    .find({ _id: new mongoose.Types.ObjectId(order.id) })
    .toArray();
  const many = Array.from({ length: 250 }, () => ({
    ...document,
    _id: new mongoose.Types.ObjectId(),
    ticketId: new mongoose.Types.ObjectId(),
  }));
  await database.collection('orders').insertMany(many);

  const { PATH, MONGO_URI } = environmentOf(config);
  const args = commandOf(['--since', since, '--rate', '100']);
  const dryRun = spawnSync(process.execPath, args, { env: { PATH, MONGO_URI }, encoding: 'utf8' });
  expect(dryRun).toMatchObject({ status: 0, stderr: '' });
  expect(dryRun.stdout.split('\n')).toEqual([
    'would send 502 events of 251 orders: 251 order:created, 251 order:paid',
    'left out 1 orders that have had an order:cancelled; --all sends them, too',
    'Nothing is sent without --yes. At 100 events a second it takes 6 s',
    '',
  ]);
  expect(run('--since', since).stdout).toContain('At 50 events a second it takes 11 s');
  expect(run('--order', cancelled.id).stdout).toContain('would send 0 events of 0 orders\nleft out 1 orders');
  expect(peer.seen).toEqual([]);
});

test('When orders have had an order:cancelled, then they are left out, unless --all says otherwise, and warns', async () => {
  const kept = await past.place(at(1));
  const cancelled = await past.place(at(1));
  await past.change(transitions.cancel(cancelled, { now: at(2) }));
  const leftOut = run('--since', since, '--yes');
  expect(leftOut).toMatchObject({ status: 0, stderr: '' });
  expect(leftOut.stdout.split('\n')).toEqual([
    'sent 1 events of 1 orders: 1 order:created',
    'left out 1 orders that have had an order:cancelled; --all sends them, too',
    '',
  ]);
  await eventually(() => seenOf(kept.id).length === 1);
  expect(seenOf(cancelled.id)).toEqual([]);

  const warning =
    /^warning: .*eventIds unlock tickets that others hold, fail with E11000, or get .* for ever.*\n$/;
  expect(run('--order', cancelled.id, '--all').stderr).toMatch(warning);
  const all = run('--order', cancelled.id, '--all', '--yes');
  expect(all.stdout).toBe('sent 2 events of 1 orders: 1 order:created, 1 order:cancelled\n');
  expect(all.stderr).toMatch(warning);
  await eventually(() => seenOf(cancelled.id).length === 2);
  expect(seenOf(cancelled.id).map(({ subject }) => subject)).toEqual(['order:created', 'order:cancelled']);
}, 60_000);

test('When a time or an order is given, then only its events are sent', async () => {
  const early = await past.place(at(1));
  const late = await past.place(at(10));
  await past.change(transitions.pay(late, payment, { now: at(20) }));
  await past.place(at(30));
  const time = (seconds: number) => at(seconds).toISOString();
  const planned = (...args: string[]) => run(...args).stdout.split('\n')[0];
  expect(planned('--since', time(0), '--until', time(10))).toBe(
    'would send 1 events of 1 orders: 1 order:created',
  );
  expect(planned('--since', time(10), '--until', time(20))).toBe(
    'would send 1 events of 1 orders: 1 order:created',
  );
  expect(planned('--since', time(11), '--until', time(21))).toBe(
    'would send 1 events of 1 orders: 1 order:paid',
  );
  expect(planned('--since', time(11), '--until', time(20))).toBe('would send 0 events of 0 orders');
  expect(planned('--since', time(30))).toBe('would send 1 events of 1 orders: 1 order:created');
  expect(planned('--order', late.id.toUpperCase())).toBe(
    'would send 2 events of 1 orders: 1 order:created, 1 order:paid',
  );
  expect(planned('--order', late.id, '--since', time(11))).toBe(
    'would send 1 events of 1 orders: 1 order:paid',
  );
  expect(planned('--order', early.id, '--since', time(11))).toBe('would send 0 events of 0 orders');
}, 60_000);

test('When an event is of after the start of the command, then it is left to the service', async () => {
  const order = await past.place(new Date(Date.now() + 3_600_000));
  const far = new Date(Date.now() + 7_200_000).toISOString();
  for (const args of [[], ['--until', far]])
    expect(run('--order', order.id, ...args).stdout).toContain('would send 0 events of 0 orders\n');
});

test('When the events of some orders cannot be made, then these are named, and the others are sent', async () => {
  const orders = [];
  for (let count = 0; count < 4; count++) orders.push(await past.place(at(1)));
  const ids = orders.map(({ id }) => id);
  const spoil = (id: string | undefined, change: Record<string, unknown>) =>
    database.collection('orders').updateOne({ _id: new mongoose.Types.ObjectId(id) }, change);
  await spoil(ids[0], { $set: { history: 'paid by hand' } });
  await spoil(ids[1], { $set: { outbox: 'nothing' } });
  await spoil(ids[2], {
    $push: { history: { status: 'paid', version: 1, at: at(2), cause: 'payment' } },
  } as Record<string, unknown>);

  for (const [args, summary] of [
    [[], 'would send'],
    [['--yes'], 'sent'],
  ] as const) {
    const { status, stdout, stderr } = run('--since', since, ...args);
    expect(status).toBe(1);
    expect(stdout).toContain(`${summary} 1 events of 1 orders: 1 order:created\n`);
    for (const id of ids.slice(0, 3))
      expect(stderr).toContain(`order ${id}: its events cannot be made again: `);
    expect(stderr).toContain('is paid, but by no payment');
  }
  await eventually(() => seenOf(...ids).length === 1);
  const unknown = newId();
  expect(run('--order', unknown)).toMatchObject({
    status: 1,
    stderr: `order ${unknown}: its events cannot be made again: there is no such order\n`,
  });
}, 60_000);

/** Starts to send, slowly; resolves once the first event has come. */
async function startSending(ids: string[]) {
  const args = commandOf(['--since', since, '--rate', '1', '--yes']);
  const child = spawn(process.execPath, args, {
    env: environmentOf(config),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exitCode = once(child, 'close').then(([code]: unknown[]) => code);
  atEnd(async () => {
    child.kill('SIGKILL');
    await exitCode;
  });
  await eventually(() => seenOf(...ids).length >= 1, { withinMs: 30_000 });
  return { child, exitCode, output: () => output };
}

test('When an order is cancelled before its turn, then it is left out and printed, and the rate is kept to', async () => {
  const orders = [];
  for (let count = 0; count < 5; count++) orders.push(await past.place(at(1)));
  const ids = orders.map(({ id }) => id);
  const { exitCode, output } = await startSending(ids);
  for (const order of orders.slice(4)) await past.change(transitions.cancel(order, { now: new Date() }));
  expect(await exitCode).toBe(0);
  expect(output().split('\n')).toEqual([
    `order ${ids[4]} has changed meanwhile, it is cancelled now, at version 1: left out`,
    'sent 4 events of 4 orders: 4 order:created',
    'left out 1 orders that have had an order:cancelled; --all sends them, too',
    '',
  ]);
  await eventually(() => seenOf(...ids).length === 4);
  const [first, ...later] = seenOf(...ids);
  expect((later.at(-1)?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(1_500);
}, 60_000);

test('When SIGTERM comes between two orders, then it says what was sent and exits with 143', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 30; count++) ids.push((await past.place(at(1))).id);
  const { child, exitCode, output } = await startSending(ids);
  child.kill('SIGTERM');
  expect(await exitCode).toBe(143);
  const sent = Number(/sent (\d+) events/.exec(output())?.[1]);
  expect(sent).toBeLessThan(30);
  await eventually(() => seenOf(...ids).length === sent);
  expect(output().split('\n')).toEqual([
    `ended early: the last event that was sent is of order ${ids[sent - 1]}`,
    `sent ${sent} events of ${sent} orders: ${sent} order:created`,
    '',
  ]);
}, 60_000);

test('When nobody reads what it prints any more, then it sends all the same', async () => {
  const unreadable = await past.place(at(1));
  const _id = new mongoose.Types.ObjectId(unreadable.id);
  await database.collection('orders').updateOne({ _id }, { $set: { outbox: 'nothing' } });
  const { id } = await past.place(at(1));
  const program = [process.execPath, ...commandOf(['--since', since, '--all', '--yes'])];
  spawnSync('sh', ['-c', '"$@" 2>&1 | true', 'sh', ...program], { env: environmentOf(config) });
  await eventually(() => seenOf(id).length === 1);
});

test('When the command line is wrong, then it says what would be right and exits with 2', () => {
  expect(run('--since', 'yesterday', '--yes')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(
      /^--since yesterday is not a time with a zone, such as .*\nusage: republish/,
    ) as string,
  });
});
