import type { Connection } from 'mongoose';
import { newId, placeOrder } from '../../tests/support/buyer.ts';
import { commandVariables, runCommand, runUnread } from '../../tests/support/command-run.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { startOwnBroker } from '../../tests/support/own-broker.ts';
import {
  connectPeer,
  openDatabase,
  secondInstance,
  startTestService,
  type TestConfig,
  testConfig,
} from '../../tests/support/running-service.ts';

const run = (command: string, config: TestConfig, ...args: string[]) =>
  runCommand(commandVariables(config), command, ...args);

/** All that is stored, to be put back; the indexes stay, as a restored archive has them. */
async function copyOf(database: Connection): Promise<() => Promise<void>> {
  const collections = await database.listCollections();
  const copies = await Promise.all(
    collections.map(async ({ name }) => ({
      name,
      documents: await database.collection(name).find().toArray(),
    })),
  );
  return async () => {
    for (const { name } of await database.listCollections()) await database.collection(name).deleteMany({});
    for (const { name, documents } of copies) {
      if (documents.length > 0) await database.collection(name).insertMany(documents);
    }
  };
}

test('When the database is put back to an earlier time, then what came since is handled again before the service starts', async () => {
  const { url: natsUrl, clusterId } = await startOwnBroker();
  const config = testConfig();
  Object.assign(config.nats, { url: natsUrl, clusterId });
  const database = await openDatabase(config);
  const peer = await connectPeer(config);
  const ticket = (id: string, version: number) => ({
    id,
    version,
    title: 'Concert',
    price: 20,
    userId: newId(),
  });
  const copyAt = async (id: string) =>
    (await database.collection('tickets').find().toArray()).find(({ _id }) => String(_id) === id)?.[
      'version'
    ];
  const statusOf = async (id: string) =>
    (await database.collection('orders').find().toArray()).find(({ _id }) => String(_id) === id)?.['status'];
  const [early, late] = [newId(), newId()];

  const before = await startTestService(config);
  await peer.publish('ticket:created', ticket(early, 0));
  await eventually(async () => (await copyAt(early)) === 0);
  const kept = await placeOrder(before.url, early);
  await eventually(
    async () => (await database.collection('orders').countDocuments({ outbox: { $size: 0 } })) === 1,
  );
  const since = new Date().toISOString();
  const putBack = await copyOf(database);

  await peer.publish('ticket:updated', ticket(early, 1));
  await peer.publish('ticket:created', ticket(late, 0));
  await eventually(async () => (await copyAt(late)) === 0);
  const lost = await placeOrder(before.url, late);
  await peer.publish('payment:created', { id: 'pay-kept', orderId: kept, stripeChargeId: 'ch_1' });
  await peer.publish('payment:created', { id: 'pay-lost', orderId: lost, stripeChargeId: 'ch_2' });
  for (const id of [kept, lost]) await eventually(async () => (await statusOf(id)) === 'paid');
  await before.stop();
  await putBack();
  expect([await statusOf(kept), await statusOf(lost), await copyAt(early), await copyAt(late)]).toEqual([
    'pending',
    undefined,
    0,
    undefined,
  ]);

  const { status, stdout } = run('redeliver', config, '--since', since);
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^ticket:created: 1 messages \(1 \w+\)$/),
    expect.stringMatching(/^ticket:updated: 1 messages \(1 \w+\)$/),
    expect.stringMatching(/^payment:created: 2 messages \(1 paid, 1 dead_letter\)$/),
    'payment:refunded: 0 messages',
    '',
  ]);
  expect(status).toBe(0);
  expect([await statusOf(kept), await copyAt(early), await copyAt(late)]).toEqual(['paid', 1, 0]);
  const letters = await database.collection('dead_letters').find().toArray();
  expect(letters.map(({ reason }) => reason as string)).toEqual([`there is no order ${lost}`]);

  const toldBefore = peer.seen.length;
  await startTestService(secondInstance(config));
  await eventually(() => peer.seen.slice(toldBefore).some(({ data }) => data['eventId'] === `${kept}:1`));
  expect(run('audit', config)).toMatchObject({ status: 0 });
  const far = new Date(Date.now() + 3_600_000).toISOString();
  expect(run('redeliver', config, '--since', far).stdout).toContain('payment:created: 0 messages\n');

  // Nor does it end before the payments where nobody reads what it says of the tickets.
  await database.collection('dead_letters').deleteMany({});
  expect(await runUnread(commandVariables(config), 'redeliver', '--since', since)).toBe(0);
  expect(await database.collection('dead_letters').countDocuments()).toBe(1);
}, 90_000);

test('When the command line is wrong, then it says what would be right and exits with 2', () => {
  for (const args of [
    [],
    ['--since', 'yesterday'],
    ['--since', '2030-01-01T00:00:00Z', '--since', '2030-01-02T00:00:00Z'],
    ['--since', '2030-01-01T00:00:00Z', '--order', newId()],
  ]) {
    expect(run('redeliver', testConfig(), ...args)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('usage: redeliver') as string,
    });
  }
});
