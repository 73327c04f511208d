import type { Connection } from 'mongoose';
import { newId } from '../../tests/support/buyer.ts';
import { commandVariables, startCommand } from '../../tests/support/command-run.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { pastOrders } from '../../tests/support/past-orders.ts';
import { connectPeer, openDatabase, type Peer, testConfig } from '../../tests/support/running-service.ts';
import type { Order } from '../orders/domain/order.ts';
import { completeRefund } from '../orders/domain/refund-transitions.ts';
import * as transitions from '../orders/domain/transitions.ts';

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);
const config = testConfig();
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

/** The peer in this process reads on meanwhile. */
async function run(...args: string[]) {
  const { status, stdout, stderr } = await startCommand(commandVariables(config), 'refunds', ...args).ended;
  return { status, stdout: stdout.split('\n').slice(0, -1), stderr };
}

const paid = async () => past.change(transitions.pay(await past.place(at(0)), { id: 'p1' }, { now: at(1) }));
const refundDue = async (ms: number): Promise<Order> => {
  const payment = { id: '=p2', stripeChargeId: 'ch_2' };
  return past.change(transitions.requireRefund(await paid(), payment, 'already_paid', { now: at(ms) }));
};
/** As 0.1 has left it. */
async function refundOf01(): Promise<Order> {
  const order = await refundDue(2);
  const filter = { userId: order.userId };
  await database.collection('orders').updateOne(filter, { $unset: { 'payments.1.refundDueAt': 1 } });
  return order;
}
const remindersOf = ({ id }: Order) => peer.seen.filter(({ data }) => data['orderId'] === id);

test('When open refunds are listed, then with order, payment, charge, amount and since when, in each form', async () => {
  const [order, old] = [await refundDue(5), await refundOf01()];
  const completed = await refundDue(6);
  await past.change(completeRefund(completed, { id: '=p2' }, { now: at(7) }));
  expect(await run('list')).toEqual({
    status: 0,
    stdout: [
      expect.stringMatching(/^order +payment +charge +amount +reason +since$/),
      expect.stringMatching(
        new RegExp(`^${order.id} +=p2 +ch_2 +20 +already_paid +2026-01-01T00:00:00.005Z$`),
      ),
    ],
    stderr: '',
  });
  expect((await run('list', '--csv')).stdout).toEqual([
    'order,payment,charge,amount,reason,since',
    `${order.id},'=p2,ch_2,20,already_paid,2026-01-01T00:00:00.005Z`,
  ]);
  const all = (await run('list', '--undated', '--json')).stdout.map((line) => JSON.parse(line) as object);
  expect(all).toMatchObject([
    { order: order.id, payment: '=p2', since: at(5).toISOString() },
    { order: old.id },
  ]);
  expect(all[1]).not.toHaveProperty('since');
  expect((await run('list', '--json', '--since', at(6).toISOString())).stdout).toEqual([]);
}, 60_000);

test('When an order with an open refund cannot be read, then it is named, and the others are listed', async () => {
  const [torn, whole] = [await refundDue(5), await refundDue(5)];
  await database.collection('orders').updateOne({ userId: torn.userId }, { $unset: { ticket: 1 } });
  const { status, stdout, stderr } = await run('list', '--csv');
  expect([status, stdout.slice(1)]).toEqual([1, [expect.stringContaining(whole.id)]]);
  expect(stderr).toContain(`order ${torn.id} cannot be read`);
}, 60_000);

test('When an order is reminded of, then its open refunds are sent again under their ids, and only with --yes', async () => {
  const [order, old, completed] = [await refundDue(5), await refundOf01(), await refundDue(6)];
  await past.change(completeRefund(completed, { id: '=p2' }, { now: at(7) }));
  const ids = [order.id, old.id, completed.id];
  const dry = await run('remind', ...ids);
  expect([dry.status, dry.stdout]).toEqual([
    0,
    [
      `${order.id}  would send ${order.id}:refund:=p2`,
      `${old.id}  would send ${old.id}:refund:=p2`,
      `${completed.id}  nothing to send: no refund is open, or its event has not left yet`,
      'would send 2 reminders. Nothing is sent without --yes',
    ],
  ]);
  expect(dry.stderr).toContain('gives money back twice');
  const sent = await run('remind', ...ids, '--yes');
  expect(sent.stdout.at(-1)).toBe('sent 2 reminders');
  for (const one of [order, old]) await eventually(() => remindersOf(one).length === 1);
  expect(remindersOf(order)).toMatchObject([
    {
      subject: 'order:refund-required',
      data: {
        ...{ eventId: `${order.id}:refund:=p2`, paymentId: '=p2', stripeChargeId: 'ch_2', amount: 20 },
        ...{ reason: 'already_paid', replayed: true },
      },
    },
  ]);
  expect(remindersOf(completed)).toEqual([]);
}, 60_000);

test('When a time is reminded of, then what was asked for since then, and nothing of 0.1', async () => {
  const [before, after, old] = [await refundDue(5), await refundDue(50), await refundOf01()];
  const { status, stdout } = await run('remind', '--since', at(6).toISOString(), '--yes');
  expect([status, stdout.at(-1)]).toEqual([0, 'sent 1 reminders']);
  await eventually(() => remindersOf(after).length === 1);
  expect([remindersOf(before), remindersOf(old)]).toEqual([[], []]);
  // One that is not there is named, and the others are sent.
  const unknown = newId();
  const mixed = await run('remind', unknown, before.id, '--yes');
  expect([mixed.status, mixed.stdout.at(-1)]).toEqual([1, 'sent 1 reminders']);
  expect(mixed.stderr).toContain(`${unknown}  there is no such order`);
}, 60_000);

test('When a payment was given back by hand, then that is recorded with the note, also of one that 0.1 asked for, once', async () => {
  const old = await refundOf01();
  const args = ['done', old.id, '=p2', '--note', 'in cash'];
  expect((await run(...args)).stdout).toEqual([
    `${old.id}  the refund would be recorded as completed; the order stays as it is. Nothing is changed without --yes`,
  ]);
  expect((await past.orders.findById(old.id))?.payments[1]).not.toHaveProperty('refundCompletedAt');
  const done = await run(...args, '--yes');
  expect([done.status, done.stdout]).toEqual([
    0,
    [`${old.id}  the refund is recorded as completed; the order stays as it is`],
  ]);
  expect((await past.orders.findById(old.id))?.payments[1]).toMatchObject({
    ...{ refund: 'already_paid', refundCompletedAt: expect.any(Date) as Date, refundNote: 'in cash' },
  });
  expect((await run(...args, '--yes')).stdout).toEqual([
    `${old.id}  it was recorded before that the payment was given back`,
  ]);
}, 60_000);

test('When the event of a refund still waits to be sent, then the refund is not completed by hand, until it has left', async () => {
  const order = await paid();
  const refund = transitions.requireRefund(order, { id: 'p2' }, 'already_paid', { now: at(5) });
  await past.orders.apply(refund);
  const args = ['done', order.id, 'p2', '--note', 'in cash'];
  for (const more of [[], ['--yes']]) {
    const { status, stdout, stderr } = await run(...args, ...more);
    expect([status, stdout]).toEqual([1, []]);
    expect(stderr).toContain(`${order.id}  its order:refund-required still waits to be sent`);
  }
  expect((await past.orders.findById(order.id))?.payments[1]).not.toHaveProperty('refundCompletedAt');
  await database.collection('orders').updateOne({ userId: order.userId }, { $set: { outbox: [] } });
  expect(await run(...args, '--yes')).toMatchObject({
    status: 0,
    stdout: [expect.stringContaining('is recorded as completed')],
  });
}, 60_000);

test('When the payment that bought was given back by hand, then the order is cancelled, and the service sends the event', async () => {
  const order = await paid();
  const { status, stdout } = await run('done', order.id, 'p1', '--note', 'a voucher', '--yes');
  expect([status, stdout[0]]).toEqual([0, expect.stringContaining('the order is cancelled')]);
  const stored = await database.collection('orders').findOne({ userId: order.userId });
  expect(stored).toMatchObject({
    ...{ status: 'cancelled', outbox: [{ subject: 'order:cancelled' }] },
    payments: [{ id: 'p1', refund: 'refunded', refundNote: 'a voucher' }],
  });
  expect(stored?.['relayDueAt']).toBeInstanceOf(Date);
}, 60_000);

test('When the order or the payment is not known, then nothing is changed, and the payments are named', async () => {
  const order = await paid();
  const mistyped = await run('done', order.id, 'p7', '--note', 'in cash', '--yes');
  expect(mistyped).toMatchObject({ status: 1, stdout: [] });
  expect(mistyped.stderr).toContain(`${order.id}  has no payment p7; its payments are p1`);
  expect((await past.orders.findById(order.id))?.payments).toHaveLength(1);
  const unknown = await run('done', newId(), 'p1', '--note', 'in cash');
  expect(unknown.status).toBe(1);
  expect(unknown.stderr).toContain('there is no such order');
}, 60_000);
