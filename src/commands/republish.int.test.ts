import { spawnSync } from 'node:child_process';
import mongoose from 'mongoose';
import { newId, signedIn, storeTicket } from '../../tests/support/buyer.ts';
import { eventually } from '../../tests/support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  startTestService,
  testConfig,
} from '../../tests/support/running-service.ts';
import type { Config } from '../config.ts';

const config = testConfig();

function run({ nats, mongoUri }: Config, ...args: string[]) {
  const { url, clusterId } = nats;
  return spawnSync(process.execPath, ['--import', 'tsx', 'src/commands/republish.ts', ...args], {
    env: { PATH: process.env['PATH'], MONGO_URI: mongoUri, NATS_URL: url, NATS_CLUSTER_ID: clusterId },
    encoding: 'utf8',
  });
}

test('When the broker has lost its store, then the events since a time go out again with their ids', async () => {
  const database = await openDatabase(config);
  const { url } = await startTestService(config);
  const peer = await connectPeer(config);
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

  const since = new Date(Date.now() - 60_000).toISOString();
  expect(run(config, '--since', since, '--order', id)).toMatchObject({
    status: 0,
    stdout: '3 events sent again\n',
  });
  await eventually(() => ofOrder().length === 6);
  const again = ofOrder()
    .slice(3)
    .map(({ data }) => data);
  for (const { correlationId: _, ...event } of first)
    expect(again).toContainEqual({ ...event, replayed: true });

  const later = new Date(Date.now() + 60_000).toISOString();
  expect(run(config, '--since', later)).toMatchObject({ status: 0, stdout: '0 events sent again\n' });
});

test('When the events of some orders cannot be made, then these are named, and the others are sent', async () => {
  const other = testConfig();
  const database = await openDatabase(other);
  const { url } = await startTestService(other);
  const peer = await connectPeer(other);
  const ids: string[] = [];
  for (let count = 0; count < 4; count++) {
    const buyer = { ...signedIn(), 'Content-Type': 'application/json' };
    const body = JSON.stringify({ ticketId: await storeTicket(database) });
    const answer = await fetch(`${url}/api/orders`, { method: 'POST', headers: buyer, body });
    ids.push(((await answer.json()) as { id: string }).id);
  }
  const ofLast = () => peer.seen.filter(({ data }) => data['id'] === ids[3]).length;
  await eventually(() => ofLast() === 1);
  const stored = database.collection('orders');
  await eventually(async () => (await stored.countDocuments({ outbox: { $size: 0 } })) === 4);
  const spoil = (id: string | undefined, change: Record<string, unknown>) =>
    stored.updateOne({ _id: new mongoose.Types.ObjectId(id) }, change);
  await spoil(ids[0], { $set: { history: 'paid by hand' } });
  await spoil(ids[1], { $set: { outbox: 'nothing' } });
  await spoil(ids[2], {
    $push: { history: { status: 'paid', version: 1, at: new Date(), cause: 'payment' } },
  });

  const since = new Date(Date.now() - 60_000).toISOString();
  const { status, stdout, stderr } = run(other, '--since', since);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '1 events sent again\n' });
  for (const id of ids.slice(0, 3))
    expect(stderr).toContain(`order ${id}: its events cannot be made again: `);
  expect(stderr).toContain('is paid, but by no payment');
  await eventually(() => ofLast() === 2);
});

test('When the command line is wrong, then it says what would be right and exits with 2', () => {
  for (const args of [
    [],
    ['--since', 'yesterday'],
    ['--since', '2030-01-01T00:00:00Z', '--order', 'x'],
    ['--until', newId()],
  ]) {
    expect(run(config, ...args)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('usage: republish') as string,
    });
  }
});

test('When a time has no zone or cannot be, then it is refused, and a good one is shown', () => {
  for (const time of ['2026-11-01T10:00', '2026-02-30', '2026-02-30T10:00:00Z', '2026-11-01']) {
    const { status, stderr } = run(config, '--since', time);
    expect(status).toBe(2);
    expect(stderr).toContain(`--since ${time} is not a time with a zone, such as 2030-01-31T12:00:00Z`);
  }
});
