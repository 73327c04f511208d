import mongoose from 'mongoose';
import { newId, placeOrder, storeTicket } from '../../tests/support/buyer.ts';
import { runCommand } from '../../tests/support/command-run.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { at, type RepublishRuns, since, startRepublishRuns } from '../../tests/support/republish-runs.ts';
import { startTestService } from '../../tests/support/running-service.ts';
import * as transitions from '../orders/domain/transitions.ts';

let rig: RepublishRuns;
beforeAll(async () => {
  rig = await startRepublishRuns();
});
beforeEach(() => rig.reset());

const payment = { id: 'pay', stripeChargeId: 'ch' };

test('When the broker has lost its store, then the events since a time go out again with their ids', async () => {
  const { url } = await startTestService(rig.config);
  const id = await placeOrder(url, await storeTicket(rig.database));
  await rig.peer.publish('payment:created', { id: 'pay-1', orderId: id, stripeChargeId: 'ch_1' });
  await rig.peer.publish('payment:created', { id: 'pay-2', orderId: id, stripeChargeId: 'ch_2' });
  const ofOrder = () => rig.peer.seen.filter(({ data }) => data['id'] === id);
  await eventually(() => ofOrder().length === 3);
  const first = ofOrder().map(({ data }) => data);
  // What still waits in an outbox is not sent again, and an event is there for a moment after the broker has it.
  const sent = { outbox: { $size: 0 } };
  await eventually(async () => (await rig.database.collection('orders').countDocuments(sent)) === 1);

  const subjects = '1 order:created, 1 order:paid, 1 order:refund-required';
  expect(await rig.run('--since', since, '--order', id, '--yes')).toMatchObject({
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
  expect(await rig.run('--since', later, '--yes')).toMatchObject({
    status: 0,
    stdout: 'sent 0 events of 0 orders\n',
  });
});

test('When only an extension lies within the time, then its event alone is sent, and all in their order otherwise', async () => {
  const order = await rig.past.place(at(1));
  const until = new Date(order.expiresAt.getTime() + 60_000);
  await rig.past.change(transitions.extendHold(order, until, { now: at(200) }));
  const untilThen = ['--since', at(100).toISOString(), '--until', at(300).toISOString()];
  expect((await rig.run(...untilThen)).stdout).toContain(
    'would send 1 events of 1 orders: 1 order:hold-extended\n',
  );
  expect(await rig.run('--since', since, '--yes')).toMatchObject({
    status: 0,
    stdout: 'sent 2 events of 1 orders: 1 order:created, 1 order:hold-extended\n',
  });
  const ofOrder = () => rig.peer.seen.filter(({ data }) => data['id'] === order.id);
  await eventually(() => ofOrder().length === 2);
  expect(ofOrder().toSorted((one, other) => one.at - other.at)).toMatchObject([
    { data: { eventId: `${order.id}:0`, expiresAt: order.expiresAt.toISOString() } },
    { data: { eventId: `${order.id}:extension:1`, expiresAt: until.toISOString(), replayed: true } },
  ]);
});

test('When --yes is missing, then it says what would be sent, and how much of it, and needs no broker', async () => {
  const order = await rig.past.place(at(1));
  await rig.past.change(transitions.pay(order, payment, { now: at(2) }));
  const cancelled = await rig.past.place(at(1));
  await rig.past.change(transitions.cancel(cancelled, { now: at(2) }));
  // More than a page of them.
  const [document] = await rig.database
    .collection('orders')
    .find({ _id: new mongoose.Types.ObjectId(order.id) })
    .toArray();
  const many = Array.from({ length: 250 }, () => ({
    ...document,
    _id: new mongoose.Types.ObjectId(),
    ticketId: new mongoose.Types.ObjectId(),
  }));
  await rig.database.collection('orders').insertMany(many);

  const variables = { MONGO_URI: rig.config.mongoUri };
  const dryRun = runCommand(variables, 'republish', '--since', since, '--rate', '100');
  expect(dryRun).toMatchObject({ status: 0, stderr: '' });
  expect(dryRun.stdout.split('\n')).toEqual([
    'would send 502 events of 251 orders: 251 order:created, 251 order:paid',
    'left out 1 orders that have had an order:cancelled; --all sends them, too',
    'Nothing is sent without --yes. At 100 events a second it takes 6 s',
    '',
  ]);
  expect((await rig.run('--since', since)).stdout).toContain('At 50 events a second it takes 11 s');
  expect((await rig.run('--order', cancelled.id)).stdout).toContain(
    'would send 0 events of 0 orders\nleft out 1 orders',
  );
  const ids = [order, cancelled].map(({ id }) => id).concat(many.map(({ _id }) => String(_id)));
  expect(rig.seenOf(...ids)).toEqual([]);
});

test('When orders have had an order:cancelled, then they are left out, unless --all says otherwise, and warns', async () => {
  const kept = await rig.past.place(at(1));
  const cancelled = await rig.past.place(at(1));
  await rig.past.change(transitions.cancel(cancelled, { now: at(2) }));
  const leftOut = await rig.run('--since', since, '--yes');
  expect(leftOut).toMatchObject({ status: 0, stderr: '' });
  expect(leftOut.stdout.split('\n')).toEqual([
    'sent 1 events of 1 orders: 1 order:created',
    'left out 1 orders that have had an order:cancelled; --all sends them, too',
    '',
  ]);
  await eventually(() => rig.seenOf(kept.id).length === 1);
  expect(rig.seenOf(cancelled.id)).toEqual([]);

  const warning =
    /^warning: .*eventIds unlock tickets that others hold, fail with E11000, or get .* for ever.*\n$/;
  expect((await rig.run('--order', cancelled.id, '--all')).stderr).toMatch(warning);
  const all = await rig.run('--order', cancelled.id, '--all', '--yes');
  expect(all.stdout).toBe('sent 2 events of 1 orders: 1 order:created, 1 order:cancelled\n');
  expect(all.stderr).toMatch(warning);
  await eventually(() => rig.seenOf(cancelled.id).length === 2);
  expect(rig.seenOf(cancelled.id).map(({ subject }) => subject)).toEqual([
    'order:created',
    'order:cancelled',
  ]);
}, 60_000);

test('When a time or an order is given, then only its events are sent', async () => {
  const early = await rig.past.place(at(1));
  const late = await rig.past.place(at(10));
  await rig.past.change(transitions.pay(late, payment, { now: at(20) }));
  await rig.past.place(at(30));
  const time = (seconds: number) => at(seconds).toISOString();
  const planned = async (...args: string[]) => (await rig.run(...args)).stdout.split('\n')[0];
  expect(await planned('--since', time(0), '--until', time(10))).toBe(
    'would send 1 events of 1 orders: 1 order:created',
  );
  expect(await planned('--since', time(10), '--until', time(20))).toBe(
    'would send 1 events of 1 orders: 1 order:created',
  );
  expect(await planned('--since', time(11), '--until', time(21))).toBe(
    'would send 1 events of 1 orders: 1 order:paid',
  );
  expect(await planned('--since', time(11), '--until', time(20))).toBe('would send 0 events of 0 orders');
  expect(await planned('--since', time(30))).toBe('would send 1 events of 1 orders: 1 order:created');
  expect(await planned('--order', late.id.toUpperCase())).toBe(
    'would send 2 events of 1 orders: 1 order:created, 1 order:paid',
  );
  expect(await planned('--order', late.id, '--since', time(11))).toBe(
    'would send 1 events of 1 orders: 1 order:paid',
  );
  expect(await planned('--order', early.id, '--since', time(11))).toBe('would send 0 events of 0 orders');
}, 60_000);

test('When an event is of after the start of the command, then it is left to the service', async () => {
  const order = await rig.past.place(new Date(Date.now() + 3_600_000));
  const far = new Date(Date.now() + 7_200_000).toISOString();
  for (const args of [[], ['--until', far]])
    expect((await rig.run('--order', order.id, ...args)).stdout).toContain(
      'would send 0 events of 0 orders\n',
    );
});

test('When the events of some orders cannot be made, then these are named, and the others are sent', async () => {
  const orders = [];
  for (let count = 0; count < 4; count++) orders.push(await rig.past.place(at(1)));
  const ids = orders.map(({ id }) => id);
  const spoil = (id: string | undefined, change: Record<string, unknown>) =>
    rig.database.collection('orders').updateOne({ _id: new mongoose.Types.ObjectId(id) }, change);
  await spoil(ids[0], { $set: { history: 'paid by hand' } });
  await spoil(ids[1], { $set: { outbox: 'nothing' } });
  await spoil(ids[2], {
    $push: { history: { status: 'paid', version: 1, at: at(2), cause: 'payment' } },
  } as Record<string, unknown>);

  for (const [args, summary] of [
    [[], 'would send'],
    [['--yes'], 'sent'],
  ] as const) {
    const { status, stdout, stderr } = await rig.run('--since', since, ...args);
    expect(status).toBe(1);
    expect(stdout).toContain(`${summary} 1 events of 1 orders: 1 order:created\n`);
    for (const id of ids.slice(0, 3))
      expect(stderr).toContain(`order ${id}: its events cannot be made again: `);
    expect(stderr).toContain('is paid, but by no payment');
  }
  await eventually(() => rig.seenOf(...ids).length === 1);
  const unknown = newId();
  expect(await rig.run('--order', unknown)).toMatchObject({
    status: 1,
    stderr: `order ${unknown}: its events cannot be made again: there is no such order\n`,
  });
}, 60_000);

test('When the command line is wrong, then it says what would be right and exits with 2', async () => {
  expect(await rig.run('--since', 'yesterday', '--yes')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(
      /^--since yesterday is not a time with a zone, such as .*\nusage: republish/,
    ) as string,
  });
});
