import { spawnSync } from 'node:child_process';
import type { Connection } from 'mongoose';
import { newId, storeTicket } from '../../tests/support/buyer.ts';
import { commandLine } from '../../tests/support/command-run.ts';
import { runOrders } from '../../tests/support/orders-command.ts';
import { pastOrders } from '../../tests/support/past-orders.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';
import type { Order } from '../orders/domain/order.ts';
import { release } from '../orders/domain/refund-transitions.ts';
import * as transitions from '../orders/domain/transitions.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';
import { createWithdrawalStore } from '../tickets/store/withdrawal-store.ts';

/** What `show` and `list` print, and how a wrong command line is answered. */

const config = testConfig();
const at = (seconds: number) => new Date(Date.parse('2030-01-01T00:00:00Z') + seconds * 1_000);
const context = (seconds: number) => ({ now: at(seconds) });
let database: Connection;
let past: ReturnType<typeof pastOrders>;

beforeAll(async () => {
  database = await openDatabase(config);
  past = pastOrders(database);
});
beforeEach(() => database.collection('orders').deleteMany({}));

const run = (...args: string[]) => runOrders(config.mongoUri, ...args);
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };

async function placeFor(ticketId: string, seconds = 0): Promise<Order> {
  const ticket = { id: ticketId, title: 'Trio\u001b[2J, "late"', price: 20, version: 0 };
  const order = { id: newId(), userId: newId(), ticket, holdMs: 900_000 };
  const placed = transitions.place(order, context(seconds));
  await past.orders.insert(placed.order, placed.event);
  return placed.order;
}

test('When an order is shown, then its whole life is: changes, payments, and which events have left', async () => {
  const ticketId = await storeTicket(database);
  await createWithdrawalStore(ticketModel(database)).withdraw([ticketId], at(90));
  const order = await placeFor(ticketId);
  const paid = await past.change(transitions.pay(order, payment, context(60)));
  await past.orders.apply(release(paid, 'the hall\u001b is closed', context(120)));

  const { status, stdout } = await run('show', order.id.toUpperCase());
  expect([status, stdout.split('\n')]).toEqual([
    0,
    [
      `order    ${order.id}  cancelled, version 2`,
      `user     ${order.userId}`,
      `ticket   ${ticketId}  "Trio\\u001b[2J, \\"late\\"", price 20, version 0, withdrawn since ${at(90).toISOString()}`,
      `placed   ${at(0).toISOString()}, held until ${at(900).toISOString()}`,
      `change   ${at(0).toISOString()}  version 0  pending  by buyer`,
      `change   ${at(60).toISOString()}  version 1  paid  by payment  payment pay_1`,
      `change   ${at(120).toISOString()}  version 2  cancelled  by operator  "the hall\\u001b is closed"`,
      `payment  ${at(60).toISOString()}  pay_1  charge ch_1  refund: operator, due since ${at(120).toISOString()}`,
      `event    ${at(0).toISOString()}  sent     order:created  ${order.id}:0`,
      `event    ${at(60).toISOString()}  sent     order:paid  ${order.id}:1`,
      `event    ${at(120).toISOString()}  waiting  order:cancelled  ${order.id}:2`,
      `event    ${at(120).toISOString()}  waiting  order:refund-required  ${order.id}:refund:pay_1`,
      '',
    ],
  ]);
  const json = await run('show', order.id, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    ...{ id: order.id, status: 'cancelled', version: 2, ticketWithdrawnAt: at(90).toISOString() },
    history: [
      { status: 'pending' },
      { paymentId: 'pay_1' },
      { cause: 'operator', reason: 'the hall\u001b is closed' },
    ],
    payments: [{ id: 'pay_1', refund: 'operator' }],
    events: [{ isSent: true }, { isSent: true }, { isSent: false }, { subject: 'order:refund-required' }],
  });
}, 60_000);

test('When an order is not there, or cannot be read, then show says so and exits with 1', async () => {
  const id = newId();
  expect(await run('show', id)).toMatchObject({ status: 1, stdout: `${id}  there is no such order\n` });
  const { id: broken } = await placeFor(newId());
  await database.collection('orders').updateMany({}, { $set: { ticketId: 'gone' } });
  const shown = await run('show', broken, '--json');
  expect(shown.status).toBe(1);
  expect(JSON.parse(shown.stdout)).toEqual({ id: broken, problem: expect.any(String) as string });
}, 60_000);

test('When orders are listed, then those that meet every condition are, newest first, in each form', async () => {
  const ticketId = newId();
  const old = await placeFor(ticketId, 0);
  await past.change(transitions.expire(old, 'expiry', context(900)));
  const held = await placeFor(ticketId, 1_000);
  const other = await placeFor(newId(), 2_000);
  const idsOf = async (...args: string[]) => {
    const { status, stdout } = await run('list', '--json', ...args);
    expect(status).toBe(0);
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as Order).id]));
  };
  const since = ['--since', at(1_000).toISOString()];
  expect(await idsOf('--ticket', ticketId)).toEqual([held.id, old.id]);
  expect(await idsOf('--status', 'pending')).toEqual([other.id, held.id]);
  expect(await idsOf(...since)).toEqual([other.id, held.id]);
  expect(await idsOf('--user', old.userId)).toEqual([old.id]);
  expect(await idsOf('--ticket', ticketId, '--status', 'pending', ...since)).toEqual([held.id]);

  const table = (await run('list', '--ticket', ticketId)).stdout.split('\n');
  expect(table[0]).toMatch(/^id {24}status {5}version {2}createdAt/);
  expect(table[1]).toBe(
    `${held.id}  pending    0        ${at(1_000).toISOString()}  ${at(1_900).toISOString()}  ${held.userId}  ${ticketId}  20        Trio\\u001b[2J, "late"`,
  );
  const [head, first] = (await run('list', '--user', old.userId, '--csv')).stdout.split('\n');
  expect(head).toBe('id,status,version,createdAt,expiresAt,userId,ticketId,price,title');
  expect(first).toBe(
    `${old.id},expired,1,${at(0).toISOString()},${at(900).toISOString()},${old.userId},${ticketId},20,"Trio\\u001b[2J, ""late"""`,
  );
}, 60_000);

test('When one order of a list cannot be read, then it is named, the others are listed, and the exit code is 1', async () => {
  const [whole, broken, torn] = [
    await placeFor(newId(), 0),
    await placeFor(newId(), 1),
    await placeFor(newId(), 2),
  ];
  await database.collection('orders').updateOne({ userId: broken.userId }, { $set: { createdAt: 'then' } });
  await database.collection('orders').updateOne({ userId: torn.userId }, { $unset: { ticket: 1 } });
  const listed = await run('list', '--status', 'pending', '--json');
  expect(listed).toMatchObject({
    status: 1,
    stdout: expect.stringContaining(whole.id) as string,
    stderr: expect.stringContaining(`order ${broken.id} cannot be read`) as string,
  });
  expect(listed.stderr).toContain(`order ${torn.id} cannot be read`);
}, 60_000);

test('When the file is -, then the ids come by the standard input', () => {
  const ids = [newId(), newId()];
  const command = commandLine('orders', 'withdraw', '--from-file', '-', '--json');
  const { status, stdout } = spawnSync(process.execPath, command, {
    env: { PATH: process.env['PATH'], MONGO_URI: config.mongoUri },
    input: ids.join('\n'),
    encoding: 'utf8',
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { ticketId: string });
  expect([status, lines.map(({ ticketId }) => ticketId)]).toEqual([1, ids]);
}, 60_000);

test.each([
  [[], 'a command is missing'],
  [['cancel'], 'there is no command cancel'],
  [['show'], 'show needs the id of one order'],
  [['show', 'x'], 'x is not an id: ids have 24 hexadecimal digits'],
  [['list'], 'list needs --user <id>'],
  [['release'], 'release needs the ids of orders'],
  [['withdraw', newId()], 'withdraw needs --ticket <id>… or --from-file <file>'],
  [['offer'], 'offer needs --ticket <id>… or --from-file <file>'],
  [['forget'], 'forget needs --user <id>'],
])(
  'When the command line is %j, then it says what would be right and exits with 2',
  async (args, problem) => {
    const { status, stdout, stderr } = await run(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(problem);
    expect(stderr).toContain('usage: orders show');
  },
  60_000,
);
