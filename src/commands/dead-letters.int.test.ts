import { spawnSync } from 'node:child_process';
import type { Connection } from 'mongoose';
import { newId } from '../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';
import { deadLetterModel } from '../messaging/dead-letters/dead-letter-model.ts';
import { createDeadLetterStore, type DeadLetterStore } from '../messaging/dead-letters/dead-letter-store.ts';
import { maxMessageBytes } from '../messaging/listener.ts';
import * as transitions from '../orders/domain/transitions.ts';
import { orderCollection } from '../orders/store/order-indexes.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { createOrderStore } from '../orders/store/order-store.ts';
import { leaveToSweep } from '../outbox/outbox-notifier.ts';
import { ensureIndexes } from '../platform/mongo/indexes.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';

const config = testConfig();
let database: Connection;
let deadLetters: DeadLetterStore;
let sequence = 0;

beforeAll(async () => {
  database = await openDatabase(config);
  deadLetters = createDeadLetterStore(deadLetterModel(database), () => new Date());
});

function run(...args: string[]) {
  return runWith({}, ...args);
}

function runWith(environment: Record<string, string>, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'src/commands/dead-letters.ts', ...args],
    {
      env: { PATH: process.env['PATH'], MONGO_URI: config.mongoUri, ...environment },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return { status, stdout, stderr };
}

/** Keeps a message as a dead letter and resolves with its id. */
async function keep(subject: string, data: Buffer, reason = 'for the test'): Promise<string> {
  sequence++;
  await deadLetters.keep({ subject, sequence, timestamp: '1', attempt: 1, data }, reason);
  for await (const letter of deadLetters.all())
    if ('sequence' in letter && letter.sequence === sequence) return letter.id;
  throw new Error('not kept');
}

test('When an operator lists and shows dead letters, then reason and content are there, for people and machines', async () => {
  const id = await keep('ticket:created', Buffer.from([0xff, 0x7b]));
  expect(run('list').stdout).toContain(`${id}  `);
  const [line] = run('list', '--json')
    .stdout.split('\n')
    .filter((json) => json.includes(id));
  expect(JSON.parse(line ?? '')).toMatchObject({
    id,
    subject: 'ticket:created',
    bytes: 2,
    reason: 'for the test',
  });
  expect(JSON.parse(run('show', id, '--json').stdout)).toMatchObject({ id, base64: '/3s=' });
});

test('When a letter is replayed, then it goes the way of any message, and stays if it fails again', async () => {
  const ticketId = newId();
  const ticket = { id: ticketId, version: 0, title: 'Late', price: 3, userId: newId() };
  const good = await keep('ticket:created', Buffer.from(JSON.stringify(ticket)));
  const orphan = await keep(
    'payment:created',
    Buffer.from(JSON.stringify({ id: 'pay', orderId: newId(), stripeChargeId: 'ch' })),
  );

  const replayed = run('replay', good, orphan);
  expect(replayed.status).toBe(1);
  expect(replayed.stdout).toContain(`${good}  handled: applied`);
  expect(replayed.stdout).toContain(`${orphan}  stays: there is no order`);
  expect(await deadLetters.find(good)).toBeUndefined();
  expect(await deadLetters.find(orphan)).toMatchObject({
    reason: expect.stringContaining('there is no order') as string,
  });
  expect(await database.collection('tickets').findOne({ title: 'Late' })).toMatchObject({
    price: 3,
    version: 0,
  });
});

/** Stores an order that awaits payment, or has expired. Resolves with its id. */
async function storeOrder(status: 'pending' | 'expired'): Promise<string> {
  const orders = createOrderStore(
    orderModel(database),
    ticketModel(database),
    leaveToSweep(() => new Date()),
  );
  const ticket = { id: newId(), title: 'Concert', price: 3, version: 0 };
  const context = { now: new Date() };
  const { order, event } = transitions.place(
    { id: newId(), userId: newId(), ticket, holdMs: 900_000 },
    context,
  );
  await orders.insert(order, event);
  if (status === 'expired') await orders.apply(transitions.expire(order, 'expiry', context));
  return order.id;
}

test('When payments were set aside by 0.1 for the name of their charge, then they are listed, and a replay settles them as the service would', async () => {
  await ensureIndexes([orderCollection(database)]);
  const [pending, expired, late] = [
    await storeOrder('pending'),
    await storeOrder('expired'),
    await storeOrder('expired'),
  ];
  const payments = [
    { id: newId(), orderId: pending, stripeId: 'ch_1' },
    { id: newId(), orderId: expired, chargeId: 'ch_2' },
    { id: 3, orderId: late },
  ];
  const reason = 'not a payment:created: stripeChargeId: Invalid input: expected string, received undefined';
  const letters: string[] = [];
  for (const payment of payments)
    letters.push(await keep('payment:created', Buffer.from(JSON.stringify(payment)), reason));
  const listed = run('list')
    .stdout.split('\n')
    .filter((line) => line.includes('not a payment:created'));
  expect(listed.map((line) => line.split(' ')[0])).toEqual(letters);

  const bad = runWith({ LATE_PAYMENT: 'later' }, 'replay', letters[0] as string);
  expect(bad).toMatchObject({ status: 1, stdout: '' });
  expect(bad.stderr).toContain('LATE_PAYMENT must be one of hold_again, refund');
  const [first, second, third] = letters as [string, string, string];
  const replayed = run('replay', first, second);
  expect(replayed.stdout).toBe(`${first}  handled: paid\n${second}  handled: paid\n`);
  expect(runWith({ LATE_PAYMENT: 'refund' }, 'replay', third).stdout).toBe(`${third}  handled: refund_due\n`);
  const stored = await orderModel(database)
    .find({ _id: { $in: [pending, expired, late] } })
    .sort('_id')
    .lean();
  expect(
    stored.map(({ status, payments: [payment] }) => [status, payment?.id, payment?.stripeChargeId]),
  ).toEqual([
    ['paid', payments[0]?.id, 'ch_1'],
    ['paid', payments[1]?.id, 'ch_2'],
    ['expired', '3', undefined],
  ]);
  expect(stored[2]?.payments[0]?.refund).toBe('order_expired');
}, 60_000);

test('When a replay expires an order where events are spaced, then the order keeps its hold as in the service', async () => {
  for (const [spacing, keeps] of [
    ['6', true],
    ['0', undefined],
  ] as const) {
    const orderId = await storeOrder('pending');
    await orderModel(database).updateOne({ _id: orderId }, { $set: { expiresAt: new Date(0) } });
    const letter = await keep('expiration:complete', Buffer.from(JSON.stringify({ orderId })));
    runWith({ EVENT_SPACING_SECONDS: spacing }, 'replay', letter);
    const stored = await orderModel(database).findById(orderId).lean();
    expect([stored?.status, stored?.holdsTicket]).toEqual(['expired', keeps]);
  }
}, 60_000);

const tooLarge = Buffer.from('{}'.padEnd(maxMessageBytes + 1));
const longerThanIsKept = Buffer.alloc(9 * 1024 * 1024, ' ');

test.each([
  ['is too large', tooLarge, { bytes: tooLarge.length, kept: tooLarge, stays: 'too large: 65537 bytes' }],
  [
    'is longer than a document',
    longerThanIsKept,
    {
      bytes: longerThanIsKept.length,
      kept: longerThanIsKept.subarray(0, 8 * 1024 * 1024),
      stays: 'of which only the beginning is kept',
    },
  ],
  [
    'is not UTF-8',
    Buffer.from([0xc3, 0x28]),
    { bytes: 2, kept: Buffer.from([0xc3, 0x28]), stays: 'not JSON in UTF-8' },
  ],
  ['is empty', Buffer.alloc(0), { bytes: 0, kept: Buffer.alloc(0), stays: 'not JSON in UTF-8' }],
])(
  'When a message %s, then it can be listed, shown, replayed and discarded like any other',
  async (_, data, expected) => {
    const id = await keep('ticket:updated', data);
    const listed = run('list', '--json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; bytes: number });
    expect(listed.find((letter) => letter.id === id)).toMatchObject({ bytes: expected.bytes });
    const shown = JSON.parse(run('show', id, '--json').stdout) as { base64: string };
    expect(Buffer.from(shown.base64, 'base64').equals(expected.kept)).toBe(true);
    const replayed = run('replay', id);
    expect(replayed.status).toBe(1);
    expect(replayed.stdout).toContain(`${id}  stays: `);
    expect(replayed.stdout).toContain(expected.stays);
    const reason = expect.stringContaining(expected.stays) as string;
    expect(await deadLetters.find(id)).toMatchObject({ reason });
    expect(run('discard', id).status).toBe(0);
    expect(await deadLetters.find(id)).toBeUndefined();
  },
  60_000,
);

test('When a message holds what a terminal would obey, then it is shown as an escape', async () => {
  const id = await keep('ticket:created', Buffer.from('\u001b[2J\u0007\u009b\u007f\u202e'));
  const escaped = String.raw`\u001b[2J\u0007\u009b\u007f\u202e`;
  for (const args of [[], ['--json']]) expect(run('show', id, ...args).stdout).toContain(escaped);
  run('replay', id);
  expect(run('list').stdout).not.toContain('\u001b');
  const { stderr } = run('show', '\u001b[2J\u009b');
  expect(stderr).toContain(String.raw`\u001b[2J\u009b is not an id`);
}, 60_000);

test('When a letter cannot be read, then it is named, and those after it are listed and replayed', async () => {
  const broken = await Promise.all(
    [{ data: 'text' }, { keptAt: '2030-01-01' }].map(async (fields) => {
      const record = {
        subject: 'ticket:created',
        sequence: ++sequence,
        timestamp: '1',
        reason: 'for the test',
      };
      const whole = { ...record, data: Buffer.from('{}'), keptAt: new Date(), ...fields };
      const { insertedId } = await database.collection('dead_letters').insertOne(whole);
      return insertedId.toHexString();
    }),
  );
  const ticket = { id: newId(), version: 0, title: 'Behind', price: 3, userId: newId() };
  const good = await keep('ticket:created', Buffer.from(JSON.stringify(ticket)));

  const listed = run('list');
  expect(listed.status).toBe(0);
  for (const id of broken) expect(listed.stdout).toContain(`${id}  cannot be read: its `);
  expect(listed.stdout).toContain(`${good}  `);

  const replayed = run('replay', ...broken, good);
  expect(replayed.status).toBe(1);
  for (const id of broken) expect(replayed.stdout).toContain(`${id}  stays: cannot be read`);
  expect(replayed.stdout).toContain(`${good}  handled: applied`);
  expect(run('discard', ...broken).status).toBe(0);
}, 60_000);

test('When a letter is discarded, then it is gone, and a second time says so', async () => {
  const id = await keep('ticket:created', Buffer.from('x'));
  expect(run('discard', id)).toMatchObject({ status: 0 });
  expect(run('discard', id)).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('no such dead letter') as string,
  });
});

test('When the command line is wrong, then it says what would be right and exits with 2', () => {
  for (const args of [[], ['burn'], ['show'], ['show', 'x'], ['list', newId()], ['list', '--all']]) {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('usage: dead-letters');
  }
});
