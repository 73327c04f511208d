import { spawnSync } from 'node:child_process';
import { newId, signedIn, storeTicket } from '../../tests/support/buyer.ts';
import { eventually } from '../../tests/support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  startTestService,
  testConfig,
} from '../../tests/support/running-service.ts';

const config = testConfig();

function run(...args: string[]) {
  const { url, clusterId } = config.nats;
  return spawnSync(process.execPath, ['--import', 'tsx', 'src/commands/republish.ts', ...args], {
    env: { PATH: process.env['PATH'], MONGO_URI: config.mongoUri, NATS_URL: url, NATS_CLUSTER_ID: clusterId },
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
  expect(run('--since', since, '--order', id)).toMatchObject({ status: 0, stdout: '3 events sent again\n' });
  await eventually(() => ofOrder().length === 6);
  const again = ofOrder()
    .slice(3)
    .map(({ data }) => data);
  for (const { correlationId: _, ...event } of first)
    expect(again).toContainEqual({ ...event, replayed: true });

  const later = new Date(Date.now() + 60_000).toISOString();
  expect(run('--since', later)).toMatchObject({ status: 0, stdout: '0 events sent again\n' });
});

test('When the command line is wrong, then it says what would be right and exits with 2', () => {
  for (const args of [
    [],
    ['--since', 'yesterday'],
    ['--since', '2030-01-01', '--order', 'x'],
    ['--until', newId()],
  ]) {
    expect(run(...args)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('usage: republish') as string,
    });
  }
});
