import { spawnSync } from 'node:child_process';
import mongoose from 'mongoose';
import { commandLine, startCommand } from '../../tests/support/command-run.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { at, type RepublishRuns, since, startRepublishRuns } from '../../tests/support/republish-runs.ts';
import * as transitions from '../orders/domain/transitions.ts';

let rig: RepublishRuns;
beforeAll(async () => {
  rig = await startRepublishRuns();
});
beforeEach(() => rig.reset());

/** Starts to send, slowly; resolves once the first event has come. */
async function startSending(ids: string[], variables: Record<string, string> = {}) {
  const args = ['--since', since, '--rate', '1', '--yes'];
  const sending = startCommand({ ...rig.variables, ...variables }, 'republish', ...args);
  await eventually(() => rig.seenOf(...ids).length >= 1, { withinMs: 30_000 });
  return sending;
}

test('When an order is cancelled before its turn, then it is left out and printed, and the rate is kept to', async () => {
  const orders = [];
  for (let count = 0; count < 5; count++) orders.push(await rig.past.place(at(1)));
  const ids = orders.map(({ id }) => id);
  const { ended, printed } = await startSending(ids);
  for (const order of orders.slice(4)) await rig.past.change(transitions.cancel(order, { now: new Date() }));
  expect((await ended).status).toBe(0);
  expect(printed().split('\n')).toEqual([
    `order ${ids[4]} has changed meanwhile, it is cancelled now, at version 1: left out`,
    'sent 4 events of 4 orders: 4 order:created',
    'left out 1 orders that have had an order:cancelled; --all sends them, too',
    '',
  ]);
  await eventually(() => rig.seenOf(...ids).length === 4);
  const [first, ...later] = rig.seenOf(...ids);
  expect((later.at(-1)?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(1_500);
}, 60_000);

test('When SIGTERM comes between two orders, then it says what was sent and exits with 143', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 30; count++) ids.push((await rig.past.place(at(1))).id);
  const { kill, ended, printed } = await startSending(ids);
  kill('SIGTERM');
  expect((await ended).status).toBe(143);
  const sent = Number(/sent (\d+) events/.exec(printed())?.[1]);
  expect(sent).toBeLessThan(30);
  await eventually(() => rig.seenOf(...ids).length === sent);
  expect(printed().split('\n')).toEqual([
    `ended early: the last event that was sent is of order ${ids[sent - 1]}`,
    `sent ${sent} events of ${sent} orders: ${sent} order:created`,
    '',
  ]);
}, 60_000);

test('When nobody reads what it prints any more, then it sends all the same', async () => {
  const unreadable = await rig.past.place(at(1));
  const _id = new mongoose.Types.ObjectId(unreadable.id);
  await rig.database.collection('orders').updateOne({ _id }, { $set: { outbox: 'nothing' } });
  const { id } = await rig.past.place(at(1));
  const program = [process.execPath, ...commandLine('republish', '--since', since, '--all', '--yes')];
  const env = { PATH: process.env['PATH'], ...rig.variables };
  spawnSync('sh', ['-c', '"$@" 2>&1 | true', 'sh', ...program], { env });
  await eventually(() => rig.seenOf(id).length === 1);
});

test('When there is a spacing, then an order rests that long between two of its events, and others go out meanwhile', async () => {
  const orders = [await rig.past.place(at(1)), await rig.past.place(at(1))];
  for (const order of orders)
    await rig.past.change(transitions.pay(order, { id: 'pay', stripeChargeId: 'ch' }, { now: at(2) }));
  const run = (...args: string[]) => rig.runWith({ EVENT_SPACING_SECONDS: '2' }, '--since', since, ...args);
  expect((await run()).stdout).toContain(
    'Nothing is sent without --yes. At 50 events a second and 2 s between two of an order it takes 3 s\n',
  );
  expect(await run('--yes')).toMatchObject({
    status: 0,
    stdout: 'sent 4 events of 2 orders: 2 order:created, 2 order:paid\n',
  });
  const ids = orders.map(({ id }) => id);
  await eventually(() => rig.seenOf(...ids).length === 4);
  const seen = rig.seenOf(...ids);
  expect(seen.map(({ subject, data }) => [subject, data['id']])).toEqual([
    ['order:created', ids[0]],
    ['order:created', ids[1]],
    ['order:paid', ids[0]],
    ['order:paid', ids[1]],
  ]);
  for (const [index, created] of seen.slice(0, 2).entries())
    expect((seen[index + 2]?.at ?? 0) - created.at).toBeGreaterThanOrEqual(2_000);
}, 60_000);

test('When SIGTERM comes while orders rest, then they are finished, and no other is begun', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 30; count++) {
    const order = await rig.past.place(at(1));
    await rig.past.change(transitions.pay(order, { id: 'pay', stripeChargeId: 'ch' }, { now: at(2) }));
    ids.push(order.id);
  }
  const { kill, ended, printed } = await startSending(ids, { EVENT_SPACING_SECONDS: '3' });
  kill('SIGTERM');
  expect((await ended).status).toBe(143);
  const begun = Number(/sent \d+ events of (\d+) orders/.exec(printed())?.[1]);
  expect(begun).toBeLessThan(30);
  expect(printed()).toContain(
    `sent ${2 * begun} events of ${begun} orders: ${begun} order:created, ${begun} order:paid\n`,
  );
}, 60_000);

test('When BROKER_PAUSED is true, then nothing is sent, and that is said', async () => {
  const { id } = await rig.past.place(at(1));
  const { status, stdout, stderr } = await rig.runWith({ BROKER_PAUSED: 'true' }, '--since', since, '--yes');
  expect(stdout).toContain('ended early: nothing was sent');
  expect(stderr).toContain('BROKER_PAUSED is true: nothing is sent');
  expect(status).toBe(1);
  expect(rig.seenOf(id)).toEqual([]);
}, 60_000);
